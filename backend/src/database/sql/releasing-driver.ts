import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult } from 'kysely';

/**
 * Gives a connection back when its transaction could not begin or could not be rolled back.
 *
 * Kysely keeps the connection of a transaction whose `begin` failed, and of one whose `rollback` failed. On SQLite that
 * is the only one: a single moment of "database is locked" would silence the server for good. On PostgreSQL it takes
 * as many as the pool holds. So a `begin` that failed is reported by the first query after it, when there is a
 * transaction that can be rolled back; and a rollback never fails, since whatever prevents it has ended the
 * transaction already.
 */
export function releasingDialect(dialect: Dialect): Dialect {
  const createDriver = dialect.createDriver.bind(dialect);
  dialect.createDriver = () => releasing(createDriver());
  return dialect;
}

/** What `begin` came to, by the connection on which it failed. */
type Failed = WeakMap<DatabaseConnection, Promise<void>>;

function releasing(driver: Driver): Driver {
  const begin = driver.beginTransaction.bind(driver);
  const rollback = driver.rollbackTransaction.bind(driver);
  const commit = driver.commitTransaction.bind(driver);
  const failed: Failed = new WeakMap();
  const watched = new WeakSet<DatabaseConnection>();

  driver.beginTransaction = async (connection, settings) => {
    if (!watched.has(connection)) {
      watched.add(connection);
      refuseAfterFailure(connection, failed);
    }
    const begun = begin(connection, settings);
    await begun.catch(() => failed.set(connection, begun));
  };
  driver.commitTransaction = async (connection) => {
    // Rejects as the driver did: what it means is decided by whoever catches it.
    await failed.get(connection);
    await commit(connection);
  };
  driver.rollbackTransaction = async (connection) => {
    if (failed.delete(connection)) return;
    // The reason why it came to a rollback is thrown by whoever asked for it.
    await rollback(connection).catch(() => undefined);
  };
  return driver;
}

/** Queries of a transaction that did not begin must not run outside of one. */
function refuseAfterFailure(connection: DatabaseConnection, failed: Failed): void {
  const execute = connection.executeQuery.bind(connection);
  connection.executeQuery = async <R>(query: CompiledQuery): Promise<QueryResult<R>> => {
    const failure = failed.get(connection);
    if (failure) await failure;
    return execute<R>(query);
  };
}
