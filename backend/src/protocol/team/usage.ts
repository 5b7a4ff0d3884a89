import { z } from 'zod';

const count = z.int().nonnegative();

/** What runs have used together. Runs that failed or were stopped before their first text count without tokens. */
export const usageSums = z.object({
  runs: count,
  /** Of these: ended as `failed` or `interrupted`. */
  failed: count,
  stopped: count,
  inputTokens: count,
  outputTokens: count,
  /** In millionths of the currency, of the runs whose model had a price; missing when none had. */
  costMicros: count.optional(),
  /** At least a part of the tokens was counted by Lockstep, not by the provider. */
  estimated: z.literal(true).optional(),
});
export type UsageSums = z.infer<typeof usageSums>;

export const USAGE_GROUPS = ['person', 'model', 'day'] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

/**
 * The use of one person, model or day. `key` is the user's id, the model's id, or the day as `YYYY-MM-DD`; it is `null` for
 * all deleted accounts together. Only people have `name` and `email`.
 */
export const usageItem = usageSums.extend({
  key: z.string().nullable(),
  name: z.string().optional(),
  email: z.string().optional(),
});
export type UsageItem = z.infer<typeof usageItem>;

/**
 * The use of everybody from one day to another, both included: people and models with the most tokens first, days with the
 * newest first. `left` is the number of items that are not listed; `total` includes them. `currency` is an ISO 4217 code.
 */
export const adminUsageReport = z.object({
  items: z.array(usageItem),
  left: count,
  total: usageSums,
  currency: z.string(),
});
export type AdminUsageReport = z.infer<typeof adminUsageReport>;

/** The milliseconds until the first text: of half of the runs, and of 95 in 100, it was at most this. */
export const firstTokenTimes = z.object({ median: count, p95: count });
export type FirstTokenTimes = z.infer<typeof firstTokenTimes>;

export const USAGE_SPANS = ['day', 'week', 'month'] as const;
export type UsageSpan = (typeof USAGE_SPANS)[number];

/** The use of one model in one period; periods without use are left out. `at` is where the period begins. */
export const usagePoint = usageSums.extend({
  at: count,
  model: z.string(),
  firstTokenMs: firstTokenTimes.optional(),
});
export type UsagePoint = z.infer<typeof usagePoint>;

/**
 * The use of everybody over time, in `periods` periods of `periodMs` from `from` on, the last of which is going on. Times
 * are in milliseconds since 1970. `models` has the sums of the whole span, with the most tokens first.
 */
export const usageSeries = z.object({
  from: count,
  periodMs: z.int().positive(),
  periods: z.int().positive(),
  points: z.array(usagePoint),
  people: z.array(z.object({ at: count, people: z.int().positive() })),
  models: z.array(usagePoint.omit({ at: true })),
  currency: z.string(),
});
export type UsageSeries = z.infer<typeof usageSeries>;
