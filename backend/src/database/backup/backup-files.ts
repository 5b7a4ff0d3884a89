import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { dateOf, timeOfDay } from '../../clock.js';

/** Why a backup was made: `manual` ones are nobody's to delete but the operator's. */
export type BackupReason = 'manual' | 'before-migration' | 'before-restore';

const KEPT_BEFORE_MIGRATIONS = 5;

/** A fresh name in the folder for backups, which is made when it is missing. Names sort by time. */
export function nameBackup(dataDir: string, reason: BackupReason, extension: 'db' | 'dump'): string {
  const directory = join(dataDir, 'backups');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  // Colons are no part of a file name everywhere.
  const time = dateOf(timeOfDay()).toISOString().replaceAll(':', '-');
  return join(directory, `${reason === 'manual' ? '' : `${reason}-`}${time}.${extension}`);
}

/**
 * Keeps the latest of the backups that were made before migrations, `made` among them whatever the clock said when it
 * was, and none that was left unfinished by a process that was killed. One process migrates at a time, so none of them is
 * being made.
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
