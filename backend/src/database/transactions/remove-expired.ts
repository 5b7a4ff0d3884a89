import type { Database } from '../database.js';
import type { Statement } from '../sql/statement.js';

const ROWS_PER_STEP = 200;

/** Removes all rows that expired before a time, with one of the statements for that, in short transactions. */
export async function removeExpired(database: Database, statement: Statement, before: number): Promise<void> {
  for (let removed = ROWS_PER_STEP; removed === ROWS_PER_STEP;) {
    removed = await database.transaction(
      async ({ all }) => (await all(statement, [before, ROWS_PER_STEP])).length,
      'upkeep',
    );
  }
}
