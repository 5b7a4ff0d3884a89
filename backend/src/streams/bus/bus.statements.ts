import { statement } from '../../database/sql/statement.js';

/** The channel of PostgreSQL; `NOTIFY` contains it too. */
export const CHANNEL = 'lockstep';

/** Sends notifications, given as a JSON list of texts; a transaction of its own. */
export const NOTIFY = statement({
  // On SQLite there are no other processes.
  sqlite: 'select $1',
  postgresql: `select count(pg_notify('lockstep', value)) from json_array_elements_text($1::json)`,
});
