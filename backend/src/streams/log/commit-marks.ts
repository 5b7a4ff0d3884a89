import type { Query } from '../../database/sql/statement.js';
import type { Transaction } from '../../database/transactions/transaction.js';
import { IS_EVENT_COMMITTED, IS_MARK_COMMITTED, LEAVE_MARK } from './commit-marks.statements.js';
import type { EventBatch } from './committed-batch.js';

/**
 * Marks the transactions of a process on PostgreSQL, so that it can be asked whether one of them was committed. A mark is a
 * row of the journal like any other, and goes when it is old; those of a process stand under its number, negative.
 */
export class CommitMarks {
  private n = 0;

  constructor(private readonly process: number) {}

  /**
   * Leaves a mark, and the question about it, in a transaction that is about to be committed.
   * @param at in milliseconds since 1970, by the database's clock
   */
  async leave(transaction: Transaction, at: number): Promise<void> {
    if (transaction.kind !== 'postgresql') return;
    const mark = [-this.process, (this.n += 1), at];
    await transaction.all(LEAVE_MARK, mark);
    transaction.proof = [IS_MARK_COMMITTED, mark];
  }
}

/**
 * SQLite needs no mark: what it writes, no other process can have numbered. After an error at COMMIT nothing is there,
 * says its documentation; this asks. `undefined` where nothing was told.
 */
export function proofOf(batches: readonly EventBatch[]): Query | undefined {
  const batch = batches.at(-1);
  const event = batch?.events.at(-1);
  return batch && event && [IS_EVENT_COMMITTED, [batch.stream, event.seq, event.at, JSON.stringify(event.data)]];
}
