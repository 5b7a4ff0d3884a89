import { z } from 'zod';

/** The price of a million tokens, in units of the configured currency. */
export const modelPrice = z.object({ input: z.number().nonnegative(), output: z.number().nonnegative() });
export type ModelPrice = z.infer<typeof modelPrice>;

/** A model that users can choose; the replies of a model without a price have no cost. */
export const offeredModel = z.object({ id: z.string(), price: modelPrice.optional() });
export type OfferedModel = z.infer<typeof offeredModel>;

/** All models, the default first. `currency` is the ISO 4217 code of all prices and costs. */
export const modelList = z.object({ items: z.array(offeredModel), currency: z.string(), nextCursor: z.null() });
export type ModelList = z.infer<typeof modelList>;

/** The usage of a user on one day, in the user's own time zone. */
export const usageDay = z.object({
  day: z.iso.date(),
  /** The number of runs that ended: a reply that was continued counts more than once. */
  replies: z.int().positive(),
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  /** In millionths of the currency, of the replies whose model had a price; missing when none had. */
  costMicros: z.int().nonnegative().optional(),
  /** At least a part of the tokens was counted by Lockstep, not by the provider. */
  estimated: z.literal(true).optional(),
});
export type UsageDay = z.infer<typeof usageDay>;

/** Usage by day, the newest first; days without use are left out. `currency` is an ISO 4217 code. */
export const usageReport = z.object({ items: z.array(usageDay), currency: z.string() });
export type UsageReport = z.infer<typeof usageReport>;
