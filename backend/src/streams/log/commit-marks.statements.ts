import { statement } from '../../database/sql/statement.js';

/** `[process, n, at]`; the row has no deltas, and says nothing but that its transaction was committed. */
export const LEAVE_MARK = statement(`insert into journal (process, n, at, data) values ($1, $2, $3, '[]')`);

/**
 * Whether the transaction with the mark `[process, n, at]` was committed. Where it is still under way this waits for its
 * end; where it was not committed it takes the mark's place, so that it never will be: with a list that is written in
 * another way, since this answer may be lost as well.
 */
export const IS_MARK_COMMITTED = statement({
  // SQLite has no marks.
  sqlite: 'select $1 as committed, $2 as n, $3 as at',
  postgresql: `
    insert into journal (process, n, at, data) values ($1, $2, $3, '[ ]')
    on conflict (process, n) do update set at = journal.at returning data = '[]' as committed`,
});

/** Whether this very event stands in the log: `[stream, seq, at, data]`. */
export const IS_EVENT_COMMITTED = statement(`
  select exists (select 1 from stream_events where stream = $1 and seq = $2 and at = $3 and data = $4) as committed`);
