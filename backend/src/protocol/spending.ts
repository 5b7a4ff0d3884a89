import { z } from 'zod';

/** What a million tokens cost, in units of the configured currency. */
export const modelPrice = z.object({ input: z.number().nonnegative(), output: z.number().nonnegative() });
export type ModelPrice = z.infer<typeof modelPrice>;

/** A model that may be asked; without a price its replies carry no cost. */
export const offeredModel = z.object({ id: z.string(), price: modelPrice.optional() });
export type OfferedModel = z.infer<typeof offeredModel>;

/** The default first; `currency` is an ISO code, that of every price and cost. */
export const modelList = z.object({ items: z.array(offeredModel), currency: z.string(), nextCursor: z.null() });
export type ModelList = z.infer<typeof modelList>;

/** What somebody used on a day of their own calendar. */
export const usageDay = z.object({
  day: z.iso.date(),
  /** Runs that ended: a reply that was continued counts more than once. */
  replies: z.int().positive(),
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  /** Of the replies whose model had a price; missing when none had. */
  costMicros: z.int().nonnegative().optional(),
  /** Lockstep counted at least a part of it, not the provider. */
  estimated: z.literal(true).optional(),
});
export type UsageDay = z.infer<typeof usageDay>;

/** The newest day first; days without use are left out. */
export const usageReport = z.object({ items: z.array(usageDay), currency: z.string() });
export type UsageReport = z.infer<typeof usageReport>;
