import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult } from 'kysely';

/**
 * Makes Kysely release the connection of a transaction whose `begin` or `rollback` failed.
 *
 * Kysely never releases such a connection. On SQLite there is only one: a single "database is locked" would block the
 * server until its restart. On PostgreSQL it takes as many failures as the pool has connections. So an error of `begin`
 * is thrown by the first query after it, when Kysely has a transaction that it can roll back. And `rollback` never
 * fails, because an error that prevents it has already ended the transaction.
 */
export function releasingDialect(dialect: Dialect): Dialect {
  const createDriver = dialect.createDriver.bind(dialect);
  dialect.createDriver = () => releasing(createDriver());
  return dialect;
}

/** The rejected promises of `begin`, by connection. */
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
    // Rejects with the error of `begin`.
    await failed.get(connection);
    await commit(connection);
  };
  driver.rollbackTransaction = async (connection) => {
    if (failed.delete(connection)) return;
    // The caller throws the error that led to the rollback.
    await rollback(connection).catch(() => undefined);
  };
  return driver;
}

/** Queries must not run outside of a transaction because its `begin` failed. */
function refuseAfterFailure(connection: DatabaseConnection, failed: Failed): void {
  const execute = connection.executeQuery.bind(connection);
  connection.executeQuery = async <R>(query: CompiledQuery): Promise<QueryResult<R>> => {
    const failure = failed.get(connection);
    if (failure) await failure;
    return execute<R>(query);
  };
}
