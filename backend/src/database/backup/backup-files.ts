import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { dateOf, timeOfDay } from '../../clock.js';

/** Why a backup was made; `manual` backups are never deleted automatically. */
export type BackupReason = 'manual' | 'scheduled' | 'before-migration' | 'before-restore';

/** A new file name in the folder for backups, which is created if it is missing. Names sort by time. */
export function nameBackup(dataDir: string, reason: BackupReason, extension: 'db' | 'dump'): string {
  const directory = join(dataDir, 'backups');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  // Some file systems allow no colons.
  const time = dateOf(timeOfDay()).toISOString().replaceAll(':', '-');
  return join(directory, `${reason === 'manual' ? '' : `${reason}-`}${time}.${extension}`);
}

/** Which backups are removed, and how many of them are kept. */
interface Forgotten {
  readonly prefix: Extract<BackupReason, 'scheduled' | 'before-migration'>;
  readonly keep: number;
}

const BEFORE_MIGRATIONS: Forgotten = { prefix: 'before-migration', keep: 5 };

/**
 * Removes old backups of one kind: the latest ones are kept, and always `made`, even if the clock was set back. Incomplete files of killed processes are removed too; only one process at a time
 * makes backups of that kind, so none of them is in use.
 */
export function forgetOldBackups(
  dataDir: string,
  made: string | undefined,
  { prefix, keep }: Forgotten = BEFORE_MIGRATIONS,
): void {
  const directory = join(dataDir, 'backups');
  const all = readdirSync(directory)
    .filter((name) => name.startsWith(`${prefix}-`))
    .map((name) => join(directory, name))
    .filter((path) => path !== made);
  const [unfinished, whole] = [all.filter((path) => path.includes('.unfinished')), all.filter(isWhole)];
  const kept = keep - (made === undefined ? 0 : 1);
  for (const path of [...unfinished, ...whole.sort().slice(0, Math.max(0, whole.length - kept))]) rmSync(path);
}

const isWhole = (name: string): boolean => /\.(db|dump)$/.test(name);
