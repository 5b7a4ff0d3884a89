import type { Schema } from '../connect.js';
import type { MigrationConfig } from '../migrating/migrate.js';
import { inspectDump, restorePostgres } from './postgres-restore.js';
import { lookAtPostgres } from '../postgres/postgres-tables.js';
import { inspectSqlite, type Restored, restoreSqlite } from './sqlite-restore.js';

/**
 * Replaces the database by a backup and starts a new epoch, so that all tabs load the restored state. With SQLite no
 * server may be running; with PostgreSQL servers may run.
 * @throws DatabaseRefused when the file cannot be used or a server is running; then nothing is changed
 */
export async function restore(config: MigrationConfig, schema: Schema, file: string): Promise<Restored> {
  const { database, dataDir } = config;
  const known = schema.migrations.map(({ name }) => name);
  if (database.kind === 'sqlite') return restoreSqlite(file, { path: database.path, dataDir, known });
  const found = await lookAtPostgres(database, schema);
  return restorePostgres(file, { url: database.url, dataDir, known, ...found });
}

/**
 * Checks a backup that was just made as `restore` does; the copy itself was checked for damage.
 * @throws NewerSchema, DatabaseRefused
 */
export async function inspectBackup({ database }: MigrationConfig, schema: Schema, file: string): Promise<void> {
  const known = schema.migrations.map(({ name }) => name);
  if (database.kind === 'sqlite') inspectSqlite(file, known);
  else await inspectDump(file, known);
}
