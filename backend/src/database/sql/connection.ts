import type { SqlEntityManager } from '@mikro-orm/sql';
import type { DirectPostgresConnection } from '../postgres/postgres-driver.js';
import type { DirectSqliteConnection } from '../sqlite/sqlite-driver.js';

/** What stands behind the ORM: `connect` chooses it by the configured kind, which it bears as `kind`. */
export type Connection = DirectSqliteConnection | DirectPostgresConnection;

export type DatabaseKind = Connection['kind'];

/** The ORM's types know no more than that there is a connection; `connect` makes no other. */
export const connectionOf = (em: SqlEntityManager): Connection => em.getConnection() as Connection;

/** For the few statements that the two databases do not share. */
export const kindOf = (em: SqlEntityManager): DatabaseKind => connectionOf(em).kind;

/**
 * The ORM sets its connection up before the first query, which could not be done within a transaction. Once only: after
 * the close it would open the database again.
 */
export function connectingOnce(connection: Connection): () => Promise<unknown> {
  let connected: Promise<unknown> | undefined;
  return () => (connected ??= connection.ensureConnection());
}
