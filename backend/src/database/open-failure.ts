import { closeSync, existsSync, mkdtempSync, openSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DatabaseConfig } from '../config/config.js';
import { codeOf, pathOf, systemReason } from '../config/checks/system-reason.js';
import { DatabaseRefused } from './database-refused.js';
import { postgresFailure } from './postgres/postgres-failure.js';
import { isDamage } from './backup/sqlite-backup.js';

/** Opens or changes a database. @throws DatabaseRefused with a message for errors of the database itself */
export async function refusing<T>(config: DatabaseConfig, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw openFailure(config, error) ?? error;
  }
}

/** The error for the operator; `undefined` for a bug of this program. */
function openFailure(config: DatabaseConfig, error: unknown): DatabaseRefused | undefined {
  if (error instanceof DatabaseRefused) return error;
  const sentence = config.kind === 'sqlite' ? sqliteFailure(config.path, error) : postgresFailure(config.url, error);
  return sentence === undefined ? undefined : new DatabaseRefused(sentence, { cause: error });
}

/** A message about why a SQLite file cannot be opened or written; `undefined` for other errors. */
export function sqliteFailure(path: string, error: unknown): string | undefined {
  const code = codeOf(error);
  if (code === '') return undefined;
  if (isDamage(error)) {
    return (
      `The database ${path} cannot be used: ${systemReason(error) ?? ''}. Restore a backup with ` +
      '`npm run db:restore FILE`, which keeps this file; or name another one in DATABASE_URL.'
    );
  }
  // SQLite's error does not contain the reason.
  const reason = (code.startsWith('SQLITE_CANTOPEN') || code.startsWith('SQLITE_READONLY')) && whyNotWritable(path);
  const known = reason || systemReason(error);
  const other = pathOf(error);
  if (known !== undefined && other !== undefined && other !== path) return `${other} cannot be used: ${known}.`;
  if (known !== undefined) return `The database ${path} cannot be used: ${known}.`;
  const words = error instanceof Error ? error.message : String(error);
  return `The database ${path} could not be brought up to date: ${words}. Is it one of Lockstep?`;
}

/** The system's reason why a file cannot be written, found out by a test that leaves no files behind. */
function whyNotWritable(path: string): string | undefined {
  try {
    if (existsSync(path)) closeSync(openSync(path, 'r+'));
    rmdirSync(mkdtempSync(join(dirname(path), '.lockstep-')));
    return undefined;
  } catch (error) {
    return systemReason(error);
  }
}
