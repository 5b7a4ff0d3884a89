import { existsSync, statSync } from 'node:fs';
import { nameBackup } from './backup-files.js';
import type { Schema } from '../connect.js';
import { DatabaseRefused } from '../database-refused.js';
import type { MigrationConfig } from '../migrating/migrate.js';
import { backUpPostgres } from './postgres-backup.js';
import { lookAtPostgres } from '../postgres/postgres-tables.js';
import { backUpSqlite, type CheckedCopy } from './sqlite-backup.js';

export interface Backup {
  readonly file: string;
  /** The size in bytes. */
  readonly size: number;
}

export interface BackupOptions {
  /** Copies a SQLite file; by default in this thread. */
  readonly copy?: CheckedCopy;
  /** Breaks off `pg_dump`. With it, the program has a low priority. */
  readonly signal?: AbortSignal;
}

/**
 * Copies the database to a file, also while servers run, and verifies the copy.
 * @param given the target; by default a name with the current time in the folder for backups
 * @throws DatabaseRefused; then no file is left
 */
export async function backUp(
  config: MigrationConfig,
  schema: Schema,
  given?: string,
  options: BackupOptions = {},
): Promise<Backup> {
  const { database, dataDir } = config;
  const file = given ?? nameBackup(dataDir, 'manual', database.kind === 'sqlite' ? 'db' : 'dump');
  if (database.kind === 'sqlite') {
    if (!existsSync(database.path)) throw new DatabaseRefused(`There is no database at ${database.path}.`);
    await backUpSqlite(database.path, file, options.copy);
  } else {
    const { tables, isEmpty } = await lookAtPostgres(database, schema);
    if (isEmpty) throw new DatabaseRefused('There is nothing in the database yet.');
    await backUpPostgres(database.url, tables, file, options.signal);
  }
  return { file, size: statSync(file).size };
}
