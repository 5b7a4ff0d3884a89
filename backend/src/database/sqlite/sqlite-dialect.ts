import Database from 'better-sqlite3';
import { CompiledQuery, type DatabaseConnection, type Dialect, type Driver, SqliteDialect } from 'kysely';
import { releasingDialect } from '../sql/releasing-driver.js';

/** How long the driver waits for the lock of another process. It blocks the event loop, so the time is short. */
const BUSY_TIMEOUT_MS = 100;
/** The number of cached prepared statements, which take a few KiB each. */
const MAX_STATEMENTS = 300;

/**
 * Kysely's SQLite dialect with `BEGIN IMMEDIATE` for transactions that may write: a transaction that reads first and
 * writes later would otherwise fail at once, without waiting, if another process has written in between. Read-only
 * transactions do not wait for writers, and work while the disk is full or the file is read-only.
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

/** A Kysely dialect for an open database. */
export const sqliteDialect = (database: Database.Database): Dialect =>
  releasingDialect(new ImmediateSqliteDialect({ database }));

/** Opens the file with the pragmas of the server, and with a cache of prepared statements. */
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
 * Caches the prepared statements of Kysely and the ORM, because preparing costs several times as much as running. Texts
 * without placeholders, such as pragmas, are rarely repeated and not cached.
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
  // The type of `prepare` depends on its parameters; the cached object is the one that it would return.
  database.prepare = keep as Database.Database['prepare'];
  return database;
}
