import { setTimeout as delay } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { v7 as uuidv7 } from 'uuid';
import type { Config } from '../../config/config.js';
import { forgetOldBackups, nameBackup } from '../backup/backup-files.js';
import { Meta } from '../meta.entity.js';
import { refuseNewerSchema } from './newer-schema.js';
import { refusing } from '../open-failure.js';
import { MIGRATING, SERVING } from '../postgres/postgres-limits.js';
import { connectionOf } from '../sql/connection.js';
import { tryLock } from '../sqlite/process-lock.js';
import { backUpSqlite } from '../backup/sqlite-backup.js';

/** The key of the advisory lock: an arbitrary number, which must stay the same in all versions. */
export const MIGRATION_LOCK = 4_706_119;
const LOOK_AGAIN_MS = 100;

/** The parts of the configuration for the database and its backups. */
export type MigrationConfig = Pick<Config, 'database' | 'dataDir'>;

/**
 * Migrates the schema, and creates the epoch of a new database. Several processes may call this at once. A SQLite file
 * with data is backed up before it is changed.
 * @returns the names of the executed migrations, oldest first
 * @throws NewerSchema; DatabaseRefused when there is no space for the backup or a migration fails
 */
export async function migrate(orm: MikroORM, { database, dataDir }: MigrationConfig): Promise<string[]> {
  return refusing(database, async () => {
    const names =
      database.kind === 'postgresql'
        ? await withLongLimits(orm, () => underAdvisoryLock(orm, () => up(orm)))
        : await underFileLock(database.path, () => upAfterBackup(orm, database.path, dataDir));
    await ensureEpoch(orm);
    return names;
  });
}

/** Checks the version of the schema. @throws NewerSchema when a newer version of this program has migrated it */
export async function checkSchema(orm: MikroORM): Promise<void> {
  const known = (orm.config.get('migrations').migrationsList ?? []).map(({ name }) => name);
  const executed = await orm.migrator.getExecuted();
  refuseNewerSchema(
    'The database',
    executed.map(({ name }) => name),
    known,
  );
}

async function up(orm: MikroORM): Promise<string[]> {
  await checkSchema(orm);
  return (await orm.migrator.up()).map(({ name }) => name);
}

async function upAfterBackup(orm: MikroORM, path: string, dataDir: string): Promise<string[]> {
  await checkSchema(orm);
  const isNew = (await orm.migrator.getExecuted()).length === 0;
  const isUpToDate = (await orm.migrator.getPending()).length === 0;
  if (isUpToDate) return [];
  if (!isNew) {
    const backup = nameBackup(dataDir, 'before-migration', 'db');
    await backUpSqlite(path, backup);
    forgetOldBackups(dataDir, backup);
  }
  return up(orm);
}

/** Migrations get longer time limits than a server's statements, because changing a large table takes long. */
async function withLongLimits<T>(orm: MikroORM, work: () => Promise<T>): Promise<T> {
  const connection = connectionOf(orm.em as SqlEntityManager);
  if (connection.kind !== 'postgresql') throw new Error('Only PostgreSQL limits its statements');
  await connection.limitBy(MIGRATING);
  try {
    return await work();
  } finally {
    await connection.limitBy(SERVING);
  }
}

/** Holds the lock in a transaction that stays open, while the migrator works on another connection. */
async function underAdvisoryLock<T>(orm: MikroORM, work: () => Promise<T>): Promise<T> {
  const em = orm.em.fork() as SqlEntityManager;
  return em.transactional(async (inner) => {
    // No limit for the lock, because another process may be migrating for a long time.
    await inner.execute('set local lock_timeout = 0');
    await inner.execute(`select pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    return work();
  });
}

/** SQLite's own locks do not cover a whole migration, so processes exclude each other by a lock file. */
async function underFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    using lock = tryLock(`${path}.migrating`);
    if (lock) return await work();
    await delay(LOOK_AGAIN_MS);
  }
}

async function ensureEpoch(orm: MikroORM): Promise<void> {
  const em = orm.em.fork();
  await em.upsert(Meta, { key: 'epoch', value: uuidv7() }, { onConflictAction: 'ignore' });
}
