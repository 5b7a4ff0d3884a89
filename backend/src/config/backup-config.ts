import type { Config } from './config.js';

/** The settings of scheduled backups. */
interface BackupSettings {
  /** In milliseconds. */
  readonly BACKUP_EVERY?: number | undefined;
  readonly BACKUP_KEEP?: number | undefined;
}

const KEPT = 7;

export const readBackups = ({ BACKUP_EVERY: everyMs, BACKUP_KEEP: keep = KEPT }: BackupSettings): Config['backups'] =>
  everyMs === undefined ? undefined : { everyMs, keep };

/** What is wrong with half a schedule, a sentence for it. */
export const halfScheduled = ({ BACKUP_EVERY, BACKUP_KEEP }: BackupSettings): string[] =>
  BACKUP_KEEP !== undefined && BACKUP_EVERY === undefined
    ? ['BACKUP_EVERY: is missing beside BACKUP_KEEP, so no backups would be made; set it, for example to 1d']
    : [];
