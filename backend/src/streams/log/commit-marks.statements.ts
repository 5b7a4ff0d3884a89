import { statement } from '../../database/sql/statement.js';

/** `[process, n, at]`: a row without deltas, which only proves that its transaction was committed. */
export const LEAVE_MARK = statement(`insert into journal (process, n, at, data) values ($1, $2, $3, '[]')`);

/**
 * Whether the transaction with the mark `[process, n, at]` was committed. This waits for a transaction that is still
 * running. If it was not committed, the row inserted here keeps it from ever committing. That row has `[ ]` instead of
 * `[]`, so that the same question gets the same answer when it is repeated after a lost connection.
 */
export const IS_MARK_COMMITTED = statement({
  // SQLite has no marks.
  sqlite: 'select $1 as committed, $2 as n, $3 as at',
  postgresql: `
    insert into journal (process, n, at, data) values ($1, $2, $3, '[ ]')
    on conflict (process, n) do update set at = journal.at returning data = '[]' as committed`,
});

/** Whether the log contains exactly this event: `[stream, seq, at, data]`. */
export const IS_EVENT_COMMITTED = statement(`
  select exists (select 1 from stream_events where stream = $1 and seq = $2 and at = $3 and data = $4) as committed`);
