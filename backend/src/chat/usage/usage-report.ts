import type { InferKyselyDB } from '@mikro-orm/sql';
import { sql } from 'kysely';
import { z } from 'zod';
import { dateOf } from '../../clock.js';
import type { EntityManager } from '../../database/database.js';
import type { UsageDay } from '../../protocol/index.js';
import type { UsageEntrySchema } from './usage-entry.entity.js';

/** The largest offset from UTC of any time zone. */
const MAX_OFFSET_MINUTES = 14 * 60;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** How far the client's time zone is ahead of UTC. */
export const utcOffsetMinutes = z.coerce.number().int().min(-MAX_OFFSET_MINUTES).max(MAX_OFFSET_MINUTES).default(0);

export const usageQuery = z.strictObject({
  days: z.coerce.number().int().min(1).max(366).default(30),
  utcOffsetMinutes,
});
export type UsageQuery = z.infer<typeof usageQuery>;

/** The usage of a user on each of the last `days` days, including today; the newest first, without days of no use. */
export async function readUsage(
  em: EntityManager,
  userId: string,
  { days, utcOffsetMinutes: offset }: UsageQuery,
  now: number,
): Promise<UsageDay[]> {
  const offsetMs = offset * MINUTE_MS;
  const today = Math.floor((now + offsetMs) / DAY_MS);
  // Both databases use integer division here.
  const day = sql<number>`(at + ${sql.lit(offsetMs)}) / ${sql.lit(DAY_MS)}`;
  const rows = await em
    .getKysely<InferKyselyDB<typeof UsageEntrySchema>>()
    .selectFrom('usage_entries')
    .select(({ fn }) => [
      day.as('day'),
      fn.countAll().as('replies'),
      fn.sum('input_tokens').as('input_tokens'),
      fn.sum('output_tokens').as('output_tokens'),
      fn.sum('cost_micros').as('cost_micros'),
      sql<number>`sum(case when estimated then 1 else 0 end)`.as('estimates'),
    ])
    .where('user_id', '=', userId)
    // A run that failed or was stopped before its first text is no reply.
    .where(sql<boolean>`(input_tokens > 0 or output_tokens > 0 or status = 'completed')`)
    .where('at', '>=', (today - days + 1) * DAY_MS - offsetMs)
    .groupBy(day)
    .orderBy('day', 'desc')
    .execute();
  // PostgreSQL's driver returns sums as text.
  return rows.map((row) => ({
    day: dateOf(Number(row.day) * DAY_MS)
      .toISOString()
      .slice(0, 10),
    replies: Number(row.replies),
    inputTokens: Number(row.input_tokens),
    outputTokens: Number(row.output_tokens),
    ...(row.cost_micros !== null && { costMicros: Number(row.cost_micros) }),
    ...(Number(row.estimates) > 0 && { estimated: true }),
  }));
}

/**
 * The usage of all users since a time in milliseconds since 1970; `costMicros` is `undefined` if no run had a price.
 */
export async function readTotal(
  em: EntityManager,
  since: number,
): Promise<{ readonly tokens: number; readonly costMicros: number | undefined }> {
  const row = await em
    .getKysely<InferKyselyDB<typeof UsageEntrySchema>>()
    .selectFrom('usage_entries')
    .select(({ fn }) => [
      fn.sum('input_tokens').as('input'),
      fn.sum('output_tokens').as('output'),
      fn.sum('cost_micros').as('cost'),
    ])
    .where('at', '>=', since)
    .executeTakeFirst();
  const cost = row?.cost ?? null;
  return {
    tokens: Number(row?.input ?? 0) + Number(row?.output ?? 0),
    costMicros: cost === null ? undefined : Number(cost),
  };
}
