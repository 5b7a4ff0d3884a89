import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from '../../config/checks/system-reason.js';
import type { WriteRefusal } from '../../protocol/index.js';
import { classifyDatabaseError } from '../database-error.js';

/** The messages for operators. The page has the same in `dashboard_database_*`. */
export const WRITE_REFUSALS: Readonly<Record<WriteRefusal, string>> = {
  full: 'The server cannot write to the database: the disk is full.',
  read_only: 'The server cannot write to the database: the file or its folder is read-only.',
  locked: 'The server cannot write to the database: it is locked, probably by another program.',
  failed: 'The server cannot write to the database: the disk reports an error.',
};

const READ_ONLY = new Set(['EROFS', 'EPERM', 'EACCES']);

/** The reason that an error of SQLite stands for; `undefined` for errors about something else. */
export async function writeRefusalOf(error: unknown, path: string): Promise<WriteRefusal | undefined> {
  const kind = classifyDatabaseError(error);
  if (kind !== 'unavailable') return kind === 'conflict' ? 'locked' : undefined;
  const code = codeOf(error);
  if (code === 'SQLITE_FULL') return 'full';
  if (code.startsWith('SQLITE_READONLY') || !(await isWritable(path))) return 'read_only';
  return 'failed';
}

/** Checks the permissions, since SQLite reports an I/O error when an open file has become read-only. */
async function isWritable(path: string): Promise<boolean> {
  for (const each of [path, `${path}-wal`, dirname(path)]) {
    const error = await access(each, constants.W_OK).catch((refused: unknown) => refused);
    if (READ_ONLY.has(codeOf(error))) return false;
  }
  return true;
}
