import { codeOf } from '../../config/checks/system-reason.js';
import type { BackupRefusal } from '../../protocol/http/index.js';
import { DamagedDatabase } from '../backup/sqlite-backup.js';

const CODES: Readonly<Record<string, BackupRefusal>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  SQLITE_FULL: 'full',
  EACCES: 'no_right',
  EPERM: 'no_right',
  EROFS: 'no_right',
  SQLITE_READONLY: 'no_right',
  SQLITE_CANTOPEN: 'no_right',
};

/** Why a backup failed. */
export function backupRefusalOf(error: unknown): BackupRefusal {
  if (error instanceof DamagedDatabase) return 'damaged';
  const known = CODES[codeOf(error)];
  if (known) return known;
  // `pg_dump` only has words.
  const words = error instanceof Error ? error.message : '';
  if (/No space left on device|Disk quota exceeded/.test(words)) return 'full';
  return /is not installed here|version mismatch/.test(words) ? 'no_program' : 'failed';
}

/** What the operator can do. */
export const WHAT_HELPS: Readonly<Record<BackupRefusal, string>> = {
  full: 'Free space on the disk of DATA_DIR, or lower BACKUP_KEEP.',
  no_right: 'Let the user of the server write to DATA_DIR/backups.',
  no_program: "Install PostgreSQL's client programs of the server's version or newer.",
  damaged: 'Stop the server and restore the last backup.',
  failed: 'See the error.',
};
