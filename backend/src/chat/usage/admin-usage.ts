import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { dateOf, momentOf } from '../../clock.js';
import type { EntityManager } from '../../database/database.js';
import type { SqlRow } from '../../database/sql/statement.js';
import { USAGE_GROUPS, type UsageGroup, type UsageItem } from '../../protocol/index.js';
import { utcOffsetMinutes } from './usage-report.js';
import { SUMS, sumsOf } from './usage-sums.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
const MOST_DAYS = 366;

/** Days of the client's calendar, both included; by default the last 30. */
export const adminUsageQuery = z
  .strictObject({
    from: z.iso.date().optional(),
    to: z.iso.date().optional(),
    by: z.enum(USAGE_GROUPS).default('person'),
    utcOffsetMinutes,
  })
  .refine(({ from, to }) => (from === undefined) === (to === undefined), 'from and to are given together')
  .refine(
    ({ from, to }) => from === undefined || to === undefined || daysOf(from, to) >= 1,
    'from must not be after to',
  )
  .refine(
    ({ from, to }) => from === undefined || to === undefined || daysOf(from, to) <= MOST_DAYS,
    `from and to are at most ${MOST_DAYS} days`,
  );
export type AdminUsageQuery = z.infer<typeof adminUsageQuery>;

const daysOf = (from: string, to: string): number => (momentOf(to) - momentOf(from)) / DAY_MS + 1;

/** The use of everybody, of all items: see `adminUsageReport` for their order. */
export async function readAdminUsage(
  em: EntityManager,
  { from, to, by, utcOffsetMinutes: offset }: AdminUsageQuery,
  now: number,
): Promise<UsageItem[]> {
  const offsetMs = offset * MINUTE_MS;
  const today = Math.floor((now + offsetMs) / DAY_MS) * DAY_MS;
  const first = (from === undefined ? today - (DEFAULT_DAYS - 1) * DAY_MS : momentOf(from)) - offsetMs;
  const end = (to === undefined ? today : momentOf(to)) + DAY_MS - offsetMs;
  const { rows } = await groupedBy(by, offsetMs, first, end).execute(em.getKysely());
  return rows.map((row) => itemOf(by, row));
}

function groupedBy(by: UsageGroup, offsetMs: number, first: number, end: number): RawBuilder<SqlRow> {
  const within = sql`from usage_entries where at >= ${first} and at < ${end}`;
  switch (by) {
    case 'person':
      return sql<SqlRow>`
        select used.*, users.name, users.email
        from (select user_id as key, ${SUMS} ${within} group by user_id) used
        left join users on users.id = used.key order by input_tokens + output_tokens desc, runs desc, key`;
    case 'model':
      return sql<SqlRow>`
        select used.* from (select model as key, ${SUMS} ${within} group by model) used
        order by input_tokens + output_tokens desc, runs desc, key`;
    case 'day': {
      // Both databases use integer division here.
      const day = sql`(at + ${sql.lit(offsetMs)}) / ${sql.lit(DAY_MS)}`;
      return sql<SqlRow>`select ${day} as key, ${SUMS} ${within} group by ${day} order by 1 desc`;
    }
  }
}

function itemOf(by: UsageGroup, row: SqlRow): UsageItem {
  const sums = sumsOf(row);
  if (by === 'day')
    return {
      key: dateOf(Number(row['key']) * DAY_MS)
        .toISOString()
        .slice(0, 10),
      ...sums,
    };
  const key = row['key'] as string | null;
  if (by === 'model' || key === null) return { key, ...sums };
  return { key, name: String(row['name']), email: String(row['email']), ...sums };
}
