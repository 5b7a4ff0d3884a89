import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { DatabaseRefused } from '../database-refused.js';

/** The file is not an intact SQLite database. */
export class DamagedDatabase extends DatabaseRefused {
  override readonly name = 'DamagedDatabase';
}

/**
 * Copies a database, also while a server writes it, to a single self-contained file.
 * @throws DamagedDatabase when the database is damaged, DatabaseRefused when the file exists or cannot be written
 */
export async function backUpSqlite(path: string, file: string): Promise<void> {
  if (existsSync(file)) throw new DatabaseRefused(`${file} exists already; a backup overwrites nothing.`);
  const unfinished = `${file}.${process.pid}.unfinished`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // Created here with the right mode, so that other users of the machine cannot read it.
    closeSync(openSync(unfinished, 'w', 0o600));
    await copySqlite(path, unfinished);
    seal(unfinished);
    renameSync(unfinished, file);
  } catch (error) {
    removeDatabase(unfinished);
    if (error instanceof DatabaseRefused) throw error;
    if (isDamage(error)) throw new DamagedDatabase(`${path} is damaged: ${describe(error)}.`, { cause: error });
    throw new DatabaseRefused(`${path} could not be backed up to ${file}: ${describe(error)}.`, { cause: error });
  }
}

/** SQLite's online backup: the target gets a consistent copy of the source, or stays unchanged. */
export async function copySqlite(from: string, to: string): Promise<void> {
  const source = new Database(from, { readonly: true, fileMustExist: true });
  try {
    // Within a read transaction, because otherwise the backup restarts whenever the server writes.
    source.exec('begin');
    source.prepare('select count(*) from sqlite_schema').get();
    await source.backup(to);
  } finally {
    source.close();
  }
}

/**
 * Makes the copy self-contained, without a WAL file beside it, and verifies it.
 * @throws DamagedDatabase
 */
function seal(path: string): void {
  const copy = new Database(path, { fileMustExist: true });
  try {
    copy.pragma('journal_mode = delete');
    checkIntegrity(copy, path);
  } finally {
    copy.close();
  }
}

/** Checks the integrity of a database. @throws DamagedDatabase with the first problem */
export function checkIntegrity(database: Database.Database, path: string): void {
  const found = database.pragma('integrity_check(1)', { simple: true });
  if (found !== 'ok') throw new DamagedDatabase(`${path} is damaged: ${String(found)}.`);
}

/** Removes an unused database and the files that SQLite keeps beside it. */
export function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${suffix}`, { force: true });
}

/** https://sqlite.org/rescode.html */
export const isDamage = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && /^SQLITE_(NOTADB|CORRUPT)/.test(String(error.code));

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));
