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

/** Any number will do, as long as every version of this program asks for the same one. */
export const MIGRATION_LOCK = 4_706_119;
const LOOK_AGAIN_MS = 100;

/** Where the database is, and where its backups go. */
export type MigrationConfig = Pick<Config, 'database' | 'dataDir'>;

/**
 * Brings the schema up to date and gives the database its epoch. Safe to call from several processes at once. A
 * SQLite file that holds something is backed up before it is changed.
 * @returns the names of the migrations that were carried out, oldest first
 * @throws NewerSchema, and DatabaseRefused when there is no room for the backup, or a migration fails
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

/** @throws NewerSchema when a newer version of this program has changed the database */
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

/** A table of a large installation is not changed within the seconds that a server's statements have. */
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

/** The lock belongs to a transaction that stays open meanwhile; the migrator works on another connection. */
async function underAdvisoryLock<T>(orm: MikroORM, work: () => Promise<T>): Promise<T> {
  const em = orm.em.fork() as SqlEntityManager;
  return em.transactional(async (inner) => {
    // Another process may migrate for as long as one statement may take.
    await inner.execute('set local lock_timeout = 0');
    await inner.execute(`select pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    return work();
  });
}

/** Statements that change a schema take no turns by themselves. */
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
