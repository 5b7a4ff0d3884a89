import { statement } from '../../database/sql/statement.js';

/** The channel of PostgreSQL; the statement names it as well. */
export const CHANNEL = 'lockstep';

/** Sends notifications, given as a JSON list of texts; a transaction of its own. */
export const NOTIFY = statement({
  // SQLite serves one process: there is no other one to notify.
  sqlite: 'select $1',
  postgresql: `select count(pg_notify('lockstep', value)) from json_array_elements_text($1::json)`,
});
