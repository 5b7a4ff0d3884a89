import { statement } from '../../database/sql/statement.js';

/** Which transactions are over, and which are not: changes with every commit, of whatever connection. */
export const SNAPSHOT = statement({
  sqlite: 'select null as snapshot',
  postgresql: 'select txid_current_snapshot()::text as snapshot',
});
