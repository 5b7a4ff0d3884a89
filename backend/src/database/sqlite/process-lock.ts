import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { classifyDatabaseError } from '../database-error.js';
import { DatabaseRefused } from '../database-refused.js';
import { sqliteFailure } from '../open-failure.js';

/** Another server is using the SQLite file. */
export class DatabaseInUse extends DatabaseRefused {
  override readonly name = 'DatabaseInUse';
}

/**
 * Ensures that only one server uses a SQLite file, as long as the process runs.
 * @throws DatabaseInUse when another server holds it
 */
export function lockForThisProcess(databasePath: string): Disposable {
  const lock = tryLockDatabase(databasePath);
  if (lock) return lock;
  throw new DatabaseInUse(
    `Another server is using ${databasePath}. SQLite serves one process; for more, set DATABASE_URL to PostgreSQL.`,
  );
}

/** Takes the lock of a server on its SQLite file; `undefined` while another server has it. */
export const tryLockDatabase = (databasePath: string): Disposable | undefined => tryLock(`${databasePath}.lock`);

/**
 * A lock between processes: an open transaction on a separate SQLite file. The system releases it when the process ends
 * in any way.
 * @returns `undefined` when another process has the lock
 * @throws DatabaseRefused when the file cannot be created
 */
export function tryLock(path: string): Disposable | undefined {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const lock = new Database(path);
    try {
      lock.pragma('busy_timeout = 0');
      lock.exec('begin exclusive');
    } catch (error) {
      lock.close();
      if (classifyDatabaseError(error) !== 'conflict') throw error;
      return undefined;
    }
    return { [Symbol.dispose]: () => void lock.close() };
  } catch (error) {
    const sentence = sqliteFailure(path, error);
    throw sentence === undefined ? error : new DatabaseRefused(sentence, { cause: error });
  }
}
