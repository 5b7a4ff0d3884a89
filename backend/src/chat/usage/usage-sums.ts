import { sql } from 'kysely';
import { toNumber } from '../../database/sql/sql-values.js';
import type { SqlRow } from '../../database/sql/statement.js';
import type { UsageSums } from '../../protocol/index.js';

/** The columns of `UsageSums`, for a query that groups `usage_entries`. */
export const SUMS = sql.raw(`
  count(*) as runs,
  sum(case when status in ('failed', 'interrupted') then 1 else 0 end) as failed,
  sum(case when status = 'stopped' then 1 else 0 end) as stopped,
  sum(input_tokens) as input_tokens,
  sum(output_tokens) as output_tokens,
  sum(cost_micros) as cost_micros,
  sum(case when estimated then 1 else 0 end) as estimates`);

/** PostgreSQL's driver returns sums as text. */
export function sumsOf(row: SqlRow): UsageSums {
  const cost = row['cost_micros'] ?? null;
  return {
    runs: toNumber(row['runs']),
    failed: toNumber(row['failed']),
    stopped: toNumber(row['stopped']),
    inputTokens: toNumber(row['input_tokens']),
    outputTokens: toNumber(row['output_tokens']),
    ...(cost !== null && { costMicros: toNumber(cost) }),
    ...(toNumber(row['estimates']) > 0 && { estimated: true }),
  };
}

const NOTHING: UsageSums = { runs: 0, failed: 0, stopped: 0, inputTokens: 0, outputTokens: 0 };

/** The sum of sums. */
export const totalOf = (items: readonly UsageSums[]): UsageSums =>
  items.reduce((a, b) => {
    const isPriced = a.costMicros !== undefined || b.costMicros !== undefined;
    return {
      runs: a.runs + b.runs,
      failed: a.failed + b.failed,
      stopped: a.stopped + b.stopped,
      inputTokens: a.inputTokens + b.inputTokens,
      outputTokens: a.outputTokens + b.outputTokens,
      ...(isPriced && { costMicros: (a.costMicros ?? 0) + (b.costMicros ?? 0) }),
      ...((a.estimated || b.estimated) && { estimated: true }),
    };
  }, NOTHING);
