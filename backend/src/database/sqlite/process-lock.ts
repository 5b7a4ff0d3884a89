import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { classifyDatabaseError } from '../database-error.js';
import { DatabaseRefused } from '../database-refused.js';
import { sqliteFailure } from '../open-failure.js';

/** Another server has the SQLite file open. */
export class DatabaseInUse extends DatabaseRefused {
  override readonly name = 'DatabaseInUse';
}

/**
 * Makes sure that one server alone works on a SQLite file, for as long as the process lives.
 * @throws DatabaseInUse when another server holds it
 */
export function lockForThisProcess(databasePath: string): Disposable {
  const lock = tryLockDatabase(databasePath);
  if (lock) return lock;
  throw new DatabaseInUse(
    `Another server is using ${databasePath}. SQLite serves one process; for more, set DATABASE_URL to PostgreSQL.`,
  );
}

/** The lock of a server on its SQLite file; `undefined` while another one runs. */
export const tryLockDatabase = (databasePath: string): Disposable | undefined => tryLock(`${databasePath}.lock`);

/**
 * A lock between processes: a transaction that stays open on a file of its own. The system lets go of it however the
 * process ends.
 * @returns `undefined` when somebody else holds it
 * @throws DatabaseRefused when there can be no file
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
