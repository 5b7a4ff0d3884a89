import { toNumber } from '../../database/sql/sql-values.js';
import type { SqlRow } from '../../database/sql/statement.js';
import type { RunStatement } from '../../database/transactions/transaction.js';
import { type ActiveRun, MAX_LISTED_RUNS } from '../../protocol/index.js';
import { ACTIVE_AMONG, COUNT_ALL_ACTIVE, LIST_ACTIVE } from './active-run.statements.js';

/** The runs that have been active for longest, at most `MAX_LISTED_RUNS`, and how many there are. */
export async function listActive(all: RunStatement): Promise<{ readonly items: ActiveRun[]; readonly active: number }> {
  const items = (await all(LIST_ACTIVE, [MAX_LISTED_RUNS])).map(activeRunOf);
  return { items, active: await countActive(all) };
}

/** Those of the runs that are active. */
export async function activeAmong(all: RunStatement, ids: readonly string[]): Promise<ActiveRun[]> {
  return (await all(ACTIVE_AMONG, [JSON.stringify(ids)])).map(activeRunOf);
}

/** The number of active runs of all processes. */
export async function countActive(all: RunStatement): Promise<number> {
  const [row] = await all(COUNT_ALL_ACTIVE, []);
  return toNumber(row?.['active']);
}

const activeRunOf = (row: SqlRow): ActiveRun => ({
  id: String(row['id']),
  userId: String(row['user_id']),
  userName: String(row['name']),
  userEmail: String(row['email']),
  model: String(row['model']),
  startedAt: toNumber(row['created_at']),
  conversationId: row['conversation_id'] as string | null,
});
