import type { Query } from '../../database/sql/statement.js';
import type { Transaction } from '../../database/transactions/transaction.js';
import { IS_EVENT_COMMITTED, IS_MARK_COMMITTED, LEAVE_MARK } from './commit-marks.statements.js';
import type { EventBatch } from './committed-batch.js';

/**
 * Marks the transactions of a process on PostgreSQL, so that the process can find out whether a transaction was
 * committed when the connection broke at its end. A mark is a row of the journal under the negative number of the
 * process, and is deleted when it is old, like every other row.
 */
export class CommitMarks {
  private n = 0;

  constructor(private readonly process: number) {}

  /**
   * Writes a mark in a transaction that is about to be committed, and sets the query for it as the transaction's proof.
   * @param at the time of the transaction, in milliseconds since 1970
   */
  async leave(transaction: Transaction, at: number): Promise<void> {
    if (transaction.kind !== 'postgresql') return;
    const mark = [-this.process, (this.n += 1), at];
    await transaction.all(LEAVE_MARK, mark);
    transaction.proof = [IS_MARK_COMMITTED, mark];
  }
}

/**
 * The query that finds out whether a transaction was committed on SQLite, by its last event; `undefined` without
 * events. SQLite needs no mark, since no other process can have written an event with the same number.
 */
export function proofOf(batches: readonly EventBatch[]): Query | undefined {
  const batch = batches.at(-1);
  const event = batch?.events.at(-1);
  return batch && event && [IS_EVENT_COMMITTED, [batch.stream, event.seq, event.at, JSON.stringify(event.data)]];
}
