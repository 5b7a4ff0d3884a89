import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { DatabaseRefused } from '../database-refused.js';
import { copySqlite, integrityOf, sealCopy } from './sqlite-copy.js';

/** The file is not an intact SQLite database. */
export class DamagedDatabase extends DatabaseRefused {
  override readonly name = 'DamagedDatabase';
}

/** Copies a database to another file, makes the copy self-contained and checks it: `ok`, or the first problem. */
export type CheckedCopy = (from: string, to: string) => Promise<string>;

const copyHere: CheckedCopy = async (from, to) => {
  await copySqlite(from, to);
  return sealCopy(to);
};

/**
 * Copies a database, also while a server writes it, to a single self-contained file.
 * @param copy does the work; by default in this thread
 * @throws DamagedDatabase when the database is damaged, DatabaseRefused when the file exists or cannot be written
 */
export async function backUpSqlite(path: string, file: string, copy = copyHere): Promise<void> {
  if (existsSync(file)) throw new DatabaseRefused(`${file} exists already; a backup overwrites nothing.`);
  const unfinished = `${file}.${process.pid}.unfinished`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // Created here with the right mode, so that other users of the machine cannot read it.
    closeSync(openSync(unfinished, 'w', 0o600));
    refuseDamaged(unfinished, await copy(path, unfinished));
    renameSync(unfinished, file);
  } catch (error) {
    removeDatabase(unfinished);
    if (error instanceof DatabaseRefused) throw error;
    if (isDamage(error)) throw new DamagedDatabase(`${path} is damaged: ${describe(error)}.`, { cause: error });
    throw new DatabaseRefused(`${path} could not be backed up to ${file}: ${describe(error)}.`, { cause: error });
  }
}

/** Checks the integrity of a database. @throws DamagedDatabase with the first problem */
export const checkIntegrity = (database: Database.Database, path: string): void =>
  refuseDamaged(path, integrityOf(database));

function refuseDamaged(path: string, found: string): void {
  if (found !== 'ok') throw new DamagedDatabase(`${path} is damaged: ${found}.`);
}

/** Removes an unused database and the files that SQLite keeps beside it. */
export function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${suffix}`, { force: true });
}

/** https://sqlite.org/rescode.html */
export const isDamage = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && /^SQLITE_(NOTADB|CORRUPT)/.test(String(error.code));

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));
