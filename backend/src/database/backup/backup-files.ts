import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { dateOf, timeOfDay } from '../../clock.js';

/** Why a backup was made; `manual` backups are never deleted automatically. */
export type BackupReason = 'manual' | 'before-migration' | 'before-restore';

const KEPT_BEFORE_MIGRATIONS = 5;

/** A new file name in the folder for backups, which is created if it is missing. Names sort by time. */
export function nameBackup(dataDir: string, reason: BackupReason, extension: 'db' | 'dump'): string {
  const directory = join(dataDir, 'backups');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  // Some file systems allow no colons.
  const time = dateOf(timeOfDay()).toISOString().replaceAll(':', '-');
  return join(directory, `${reason === 'manual' ? '' : `${reason}-`}${time}.${extension}`);
}

/**
 * Removes old backups from before migrations: the latest ones are kept, and always `made`, even if the clock was set
 * back. Incomplete files of killed processes are removed too; only one process migrates at a time, so none of them is
 * in use.
 */
export function forgetOldBackups(dataDir: string, made: string): void {
  const directory = join(dataDir, 'backups');
  const all = readdirSync(directory)
    .filter((name) => name.startsWith('before-migration-'))
    .map((name) => join(directory, name))
    .filter((path) => path !== made);
  const [unfinished, whole] = [all.filter((path) => path.includes('.unfinished')), all.filter(isWhole)];
  for (const path of [...unfinished, ...whole.sort().slice(0, 1 - KEPT_BEFORE_MIGRATIONS)]) rmSync(path);
}

const isWhole = (name: string): boolean => name.endsWith('.db');
