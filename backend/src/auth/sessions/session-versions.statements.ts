import { statement } from '../../database/sql/statement.js';

/** The snapshot of completed transactions, which changes with every commit of any connection. */
export const SNAPSHOT = statement({
  sqlite: 'select null as snapshot',
  postgresql: 'select txid_current_snapshot()::text as snapshot',
});
