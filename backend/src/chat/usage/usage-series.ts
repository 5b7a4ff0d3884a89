import { sql } from 'kysely';
import { z } from 'zod';
import type { EntityManager } from '../../database/database.js';
import { toNumber } from '../../database/sql/sql-values.js';
import type { SqlRow } from '../../database/sql/statement.js';
import { type FirstTokenTimes, USAGE_SPANS, type UsageSeries } from '../../protocol/index.js';
import { utcOffsetMinutes } from './usage-report.js';
import { SUMS, sumsOf } from './usage-sums.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const PERIODS = {
  day: { periodMs: HOUR_MS, periods: 24 },
  week: { periodMs: DAY_MS, periods: 7 },
  month: { periodMs: DAY_MS, periods: 30 },
} as const;

export const seriesQuery = z.strictObject({ span: z.enum(USAGE_SPANS).default('week'), utcOffsetMinutes });
export type SeriesQuery = z.infer<typeof seriesQuery>;

/** The use of everybody in the last hours or days, including the current one. */
export async function readSeries(
  em: EntityManager,
  { span, utcOffsetMinutes: offset }: SeriesQuery,
  now: number,
): Promise<Omit<UsageSeries, 'currency'>> {
  const { periodMs, periods } = PERIODS[span];
  const offsetMs = offset * MINUTE_MS;
  const last = Math.floor((now + offsetMs) / periodMs);
  const from = (last - periods + 1) * periodMs - offsetMs;
  const db = em.getKysely();
  const many = async (query: ReturnType<typeof sql<SqlRow>>) => (await query.execute(db)).rows;
  const period = sql`(at + ${sql.lit(offsetMs)}) / ${sql.lit(periodMs)}`;
  const startOf = (row: SqlRow): number => toNumber(row['period']) * periodMs - offsetMs;
  const since = sql`from usage_entries where at >= ${from}`;

  const points = await many(
    sql`select ${period} as period, model, ${SUMS} ${since} group by ${period}, model order by 1, 2`,
  );
  const people = await many(
    sql`select ${period} as period, count(distinct user_id) as people ${since} and user_id is not null
      group by ${period} order by 1`,
  );
  const models = await many(
    sql`select used.* from (select model, ${SUMS} ${since} group by model) used
      order by input_tokens + output_tokens desc, runs desc, model`,
  );
  const timesOf = timesByPeriod([
    ...(await many(firstTokens(from, period))),
    ...(await many(firstTokens(from, sql.lit(WHOLE_SPAN)))),
  ]);
  return {
    from,
    periodMs,
    periods,
    points: points.map((row) => ({
      at: startOf(row),
      model: String(row['model']),
      ...sumsOf(row),
      ...timesOf(toNumber(row['period']), row),
    })),
    people: people.map((row) => ({ at: startOf(row), people: toNumber(row['people']) })),
    models: models.map((row) => ({ model: String(row['model']), ...sumsOf(row), ...timesOf(WHOLE_SPAN, row) })),
  };
}

/** Stands for no period: the whole span. */
const WHOLE_SPAN = -1;

/** Percentiles by nearest rank: SQLite has no function for them, so the rows are numbered. */
const firstTokens = (from: number, period: ReturnType<typeof sql>) => sql<SqlRow>`
  select period, model, min(case when place * 2 >= n then ms end) as median,
    min(case when place * 100 >= n * 95 then ms end) as p95
  from (
    select period, model, ms, row_number() over (partition by period, model order by ms) as place,
      count(*) over (partition by period, model) as n
    from (
      select ${period} as period, model, first_token_ms as ms
      from usage_entries where at >= ${from} and first_token_ms is not null
    ) timed
  ) placed group by period, model`;

type Times = { readonly firstTokenMs?: FirstTokenTimes };

function timesByPeriod(rows: readonly SqlRow[]): (period: number, row: SqlRow) => Times {
  const nameOf = (period: number, model: unknown): string => `${period} ${String(model)}`;
  const times = new Map(
    rows.map((row) => [
      nameOf(toNumber(row['period']), row['model']),
      { firstTokenMs: { median: toNumber(row['median']), p95: toNumber(row['p95']) } },
    ]),
  );
  return (period, row) => times.get(nameOf(period, row['model'])) ?? {};
}
