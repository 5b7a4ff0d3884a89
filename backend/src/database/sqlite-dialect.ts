import Database from 'better-sqlite3';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  SqliteDialect,
  type SqliteDialectConfig,
} from 'kysely';
import { releasingDialect } from './releasing-driver.js';

/** How long the driver waits for another process's lock. It blocks the event loop meanwhile, so not for long. */
const BUSY_TIMEOUT_MS = 100;

/**
 * Kysely's SQLite with `BEGIN IMMEDIATE` for whatever may write: a transaction that reads first and writes later would
 * otherwise fail at once, without waiting, when another process wrote in between. Transactions that only read wait
 * for nobody, and go on while the disk is full or the file read-only.
 */
class ImmediateSqliteDialect extends SqliteDialect {
  override createDriver(): Driver {
    const driver = super.createDriver();
    driver.beginTransaction = async (connection: DatabaseConnection, { accessMode }): Promise<void> => {
      await connection.executeQuery(CompiledQuery.raw(accessMode === 'read only' ? 'begin' : 'begin immediate'));
    };
    return driver;
  }
}

/** Opens the file with the pragmas that the server relies on. */
export function sqliteDialect(path: string, synchronous: 'normal' | 'full'): Dialect {
  const open: SqliteDialectConfig['database'] = () => {
    const database = new Database(path);
    database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    database.pragma('journal_mode = wal');
    database.pragma(`synchronous = ${synchronous}`);
    database.pragma('foreign_keys = on');
    return Promise.resolve(database);
  };
  return releasingDialect(new ImmediateSqliteDialect({ database: open }));
}
