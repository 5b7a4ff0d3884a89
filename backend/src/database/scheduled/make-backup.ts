import { statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { forgetOldBackups, nameBackup } from '../backup/backup-files.js';
import { type Backup, backUp } from '../backup/backup.js';
import { inspectBackup } from '../backup/restore.js';
import type { Schema } from '../connect.js';
import { DatabaseRefused } from '../database-refused.js';
import type { MigrationConfig } from '../migrating/migrate.js';
import { copyInThread } from './copy-in-thread.js';

/**
 * Makes a scheduled backup, checks it as a restore does, and removes older scheduled ones.
 * @param keep how many are kept
 * @throws DatabaseRefused; then no file is left
 */
export async function makeBackup(
  config: MigrationConfig,
  schema: Schema,
  { keep, signal }: { readonly keep: number; readonly signal: AbortSignal },
): Promise<Backup> {
  const { database, dataDir } = config;
  const file = nameBackup(dataDir, 'scheduled', database.kind === 'sqlite' ? 'db' : 'dump');
  forgetOldBackups(dataDir, undefined, { prefix: 'scheduled', keep: Infinity });
  if (database.kind === 'sqlite') await refuseWithoutSpace(database.path, dirname(file));
  const made = await backUp(config, schema, file, { signal, copy: (from, to) => copyInThread(from, to, signal) });
  await inspectBackup(config, schema, file);
  forgetOldBackups(dataDir, file, { prefix: 'scheduled', keep });
  return made;
}

/** A backup that fills the disk would keep the server from writing. */
async function refuseWithoutSpace(path: string, folder: string): Promise<void> {
  const sizes = [path, `${path}-wal`].map((one) => statSync(one, { throwIfNoEntry: false })?.size ?? 0);
  const needed = sizes.reduce((sum, size) => sum + size, 0);
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize > needed) return;
  const [needs, has] = [needed, bavail * bsize].map((bytes) => `${(bytes / 1_000_000).toFixed(1)} MB`);
  throw new DatabaseRefused(`A backup needs ${needs}, and ${has} are free in ${folder}.`, {
    cause: { code: 'ENOSPC' },
  });
}
