import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseRefused } from '../database-refused.js';
import { runProgram } from './postgres-programs.js';

/** How long to wait for locks: longer than for rows, since another process may be migrating. */
export const LOCK_WITHIN_MS = 60_000;

/**
 * Writes a consistent dump of the database for `pg_restore`, also while servers are writing.
 * @param tables the tables of Lockstep; other tables in the database are left out
 * @param signal breaks it off; with it, the program has a low priority
 * @throws DatabaseRefused
 */
export async function backUpPostgres(
  url: string,
  tables: readonly string[],
  file: string,
  signal?: AbortSignal,
): Promise<void> {
  if (existsSync(file)) throw new DatabaseRefused(`${file} exists already; a backup overwrites nothing.`);
  const unfinished = `${file}.${process.pid}.unfinished`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(unfinished, 'w', 0o600));
    const chosen = tables.map((table) => `--table=${table}`);
    const args = ['--format=custom', `--lock-wait-timeout=${LOCK_WITHIN_MS}`, `--file=${unfinished}`, ...chosen];
    await runProgram('pg_dump', args, { url, background: signal });
    await checkDump(unfinished);
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    if (error instanceof DatabaseRefused) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DatabaseRefused(`The database could not be backed up to ${file}: ${reason}.`, { cause: error });
  }
}

/** Checks a dump. @throws DatabaseRefused when the file is not a dump of Lockstep */
export async function checkDump(file: string): Promise<void> {
  const contents = await runProgram('pg_restore', ['--list', file]);
  for (const table of ['migrations', 'meta']) {
    if (!new RegExp(`TABLE DATA \\S+ ${table} `).test(contents)) {
      throw new DatabaseRefused(`${file} is a dump of PostgreSQL, but not of Lockstep.`);
    }
  }
}
