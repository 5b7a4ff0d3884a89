import Database from 'better-sqlite3';
import { CompiledQuery, type DatabaseConnection, type Dialect, type Driver, SqliteDialect } from 'kysely';
import { releasingDialect } from '../sql/releasing-driver.js';

/** How long the driver waits for another process's lock. It blocks the event loop meanwhile, so not for long. */
const BUSY_TIMEOUT_MS = 100;
/** Prepared statements that are kept. Each takes a few KiB. */
const MAX_STATEMENTS = 300;

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

/** Kysely on an open file. */
export const sqliteDialect = (database: Database.Database): Dialect =>
  releasingDialect(new ImmediateSqliteDialect({ database }));

/** Opens the file with the pragmas that the server relies on; statements are prepared once and kept. */
export function openSqlite(path: string, synchronous: 'normal' | 'full'): Database.Database {
  const database = new Database(path);
  try {
    database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    database.pragma('journal_mode = wal');
    database.pragma(`synchronous = ${synchronous}`);
    database.pragma('foreign_keys = on');
  } catch (error) {
    database.close();
    throw error;
  }
  return keepingStatements(database);
}

/**
 * Keeps what Kysely and the ORM have prepared: preparing costs several times what running costs. A text without places
 * for values, as a pragma, will hardly come again.
 */
function keepingStatements(database: Database.Database): Database.Database {
  const prepare = database.prepare.bind(database);
  const kept = new Map<string, Database.Statement>();
  const keep = (text: string): Database.Statement => {
    const known = kept.get(text);
    if (known && !known.busy) return known;
    const prepared = prepare(text);
    if (!text.includes('?')) return prepared;
    if (kept.size >= MAX_STATEMENTS) kept.delete(kept.keys().next().value ?? '');
    kept.set(text, prepared);
    return prepared;
  };
  // The type of `prepare` follows its parameters; what is kept is the same object that it would make.
  database.prepare = keep as Database.Database['prepare'];
  return database;
}
