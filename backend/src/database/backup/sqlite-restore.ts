import { existsSync, renameSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { v7 as uuidv7 } from 'uuid';
import { dateOf, timeOfDay } from '../../clock.js';
import { nameBackup } from './backup-files.js';
import { DatabaseRefused } from '../database-refused.js';
import { refuseNewerSchema } from '../migrating/newer-schema.js';
import { DatabaseInUse, tryLockDatabase } from '../sqlite/process-lock.js';
import { backUpSqlite, checkIntegrity, DamagedDatabase, isDamage, removeDatabase } from './sqlite-backup.js';
import { copySqlite } from './sqlite-copy.js';

export interface Restored {
  /** The path of the replaced database; `undefined` when there was none. */
  readonly kept: string | undefined;
}

interface Target {
  readonly path: string;
  readonly dataDir: string;
  /** The migrations of this version. */
  readonly known: readonly string[];
}

/**
 * Replaces the database by a backup and starts a new epoch, which invalidates the cursors of all tabs. Nothing is
 * changed before the file has passed all checks, and the change itself is one transaction of SQLite.
 * @throws DatabaseInUse while a server runs, NewerSchema, DamagedDatabase, DatabaseRefused
 */
export async function restoreSqlite(file: string, { path, dataDir, known }: Target): Promise<Restored> {
  using lock = tryLockDatabase(path);
  if (!lock) {
    throw new DatabaseInUse(`A server is using ${path}. Stop it, restore the backup, and start it again.`);
  }
  inspectSqlite(file, known, checkIntegrity);
  const staged = `${path}.restoring`;
  removeDatabase(staged);
  try {
    await copySqlite(file, staged);
    beginEpoch(staged);
    const kept = existsSync(path) ? await keep(path, dataDir) : undefined;
    await copySqlite(staged, path);
    return { kept };
  } finally {
    removeDatabase(staged);
  }
}

/**
 * Checks a file without changing it.
 * @param check looks for damage, which takes long
 * @throws NewerSchema, DamagedDatabase, DatabaseRefused
 */
export function inspectSqlite(
  file: string,
  known: readonly string[],
  check?: (database: Database.Database, path: string) => void,
): void {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new DatabaseRefused(`There is no file ${file}.`);
  const backup = new Database(file, { readonly: true });
  try {
    check?.(backup, file);
    const tables = backup.prepare(`select name from sqlite_schema where type = 'table'`).pluck().all();
    if (!tables.includes('migrations') || !tables.includes('meta')) {
      throw new DatabaseRefused(`${file} is a SQLite database, but not of Lockstep.`);
    }
    refuseNewerSchema(file, backup.prepare('select name from migrations').pluck().all().map(String), known);
  } catch (error) {
    if (isDamage(error)) throw new DamagedDatabase(`${file} is not a SQLite database, or damaged.`, { cause: error });
    throw error;
  } finally {
    backup.close();
  }
}

function beginEpoch(path: string): void {
  const database = new Database(path);
  try {
    database.pragma('journal_mode = delete');
    database
      .prepare(
        `insert into meta ("key", "value") values ('epoch', ?) on conflict ("key") do update set "value" = excluded."value"`,
      )
      .run(uuidv7());
  } finally {
    database.close();
  }
}

/** Keeps the old database: as a backup, or under another name if it is too damaged for one. */
async function keep(path: string, dataDir: string): Promise<string> {
  const file = nameBackup(dataDir, 'before-restore', 'db');
  try {
    await backUpSqlite(path, file);
    return file;
  } catch (error) {
    if (!(error instanceof DamagedDatabase)) throw error;
    const aside = `${path}.damaged-${dateOf(timeOfDay()).toISOString().replaceAll(':', '-')}`;
    for (const suffix of ['', '-wal', '-shm', '-journal']) {
      if (existsSync(`${path}${suffix}`)) renameSync(`${path}${suffix}`, `${aside}${suffix}`);
    }
    return aside;
  }
}
