import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MIGRATIONS } from '../../migrations/index.js';
import { connect } from '../../src/database/connect.js';
import { connectionOf } from '../../src/database/sql/connection.js';
import { Database, type EntityManager } from '../../src/database/database.js';
import { backUp } from '../../src/database/backup/backup.js';
import { restore } from '../../src/database/backup/restore.js';
import { BackupClaim } from '../../src/database/scheduled/backup-facts.js';
import { SET_FACT } from '../../src/database/scheduled/backup-facts.statements.js';
import { BackupSchedule } from '../../src/database/scheduled/backup-schedule.js';
import type { Dashboard } from '../../src/protocol/http/index.js';
import { ENTITIES } from '../../src/schema.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { until } from '../support/test-client.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { type TestPerson, TestServer } from '../support/test-server.js';

const SCHEMA = { entities: ENTITIES, migrations: MIGRATIONS };
const METRICS_TOKEN = 'a-token-for-prometheus';

describe('scheduled backups', () => {
  let database: TestDatabase;
  let model: ModelServer;
  let server: TestServer;
  let admin: TestPerson;

  const folder = (): string => join(database.dataDir, 'backups');
  const files = (prefix = 'scheduled-'): string[] =>
    readdirSync(folder())
      .filter((name) => name.startsWith(prefix))
      .sort();
  const schedule = (): BackupSchedule => server.get(BackupSchedule);
  const dashboard = async (): Promise<Dashboard> =>
    (await (await server.fetch('/api/admin/dashboard', admin)).json()) as Dashboard;
  const metric = async (name: string): Promise<number> => {
    const text = await (await server.fetch('/metrics', { token: METRICS_TOKEN })).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  };
  const setFact = (name: string, value: string): Promise<void> =>
    server.get(Database).transaction(async ({ all }) => void (await all(SET_FACT, [name, value])));
  /** Lets the time of the last backup pass. */
  const becomesDue = (): Promise<void> => setFact('backup_done', String(server.get(Database).clock.now() - 3_600_000));
  const start = async (env: Record<string, string> = {}): Promise<void> => {
    server = await TestServer.start(
      { BACKUP_EVERY: '1h', BACKUP_KEEP: '2', METRICS_TOKEN, ...env },
      { database, model },
    );
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    model = await ModelServer.start();
    await start();
    admin = await server.signIn('Ada', 'admin');
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await model[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  it('begin at the start, and not again before they are due, also after a restart', async () => {
    const lastAt = await until(async () => (await dashboard()).backups?.lastAt ?? undefined, 'the first backup');
    expect(files()).toHaveLength(1);
    expect(await metric('lockstep_backup_last_success_timestamp_seconds')).toBe(lastAt / 1000);
    await server[Symbol.asyncDispose]();
    await start();
    await schedule().look();
    expect(files()).toHaveLength(1);
    expect((await dashboard()).backups).toEqual({ lastAt });
  });

  it('keep the latest ones, and never remove a backup that was made by hand', async () => {
    const { file: manual } = await backUp(server.config, SCHEMA);
    writeFileSync(join(folder(), 'before-restore-2020-01-01.db'), '');
    writeFileSync(join(folder(), 'scheduled-2020-01-01.db.1.unfinished'), '');
    const made = files()[0];
    for (let count = 0; count < 2; count += 1) {
      await becomesDue();
      await schedule().look();
    }
    expect(files()).toHaveLength(2);
    expect(files()).not.toContain(made);
    expect(readFileSync(manual).length).toBeGreaterThan(0);
    expect(files('before-restore-')).toHaveLength(1);
  });

  it('are made by one process at a time', async () => {
    await becomesDue();
    const before = files();
    {
      await using claim = await BackupClaim.take(server.get(Database));
      expect(claim).toBeDefined();
      expect(await BackupClaim.take(server.get(Database))).toBeUndefined();
      await schedule().look();
      expect(files()).toEqual(before);
    }
    await schedule().look();
    expect(files()).not.toEqual(before);
  });

  it('go on after a process died with the claim', async () => {
    await becomesDue();
    await setFact('backup_claim', String(server.get(Database).clock.now() - 1));
    const before = files();
    await schedule().look();
    expect(files()).not.toEqual(before);
  });

  it('can be restored: the rows are those of the database', async () => {
    await becomesDue();
    await schedule().look();
    await server[Symbol.asyncDispose]();
    const latest = join(folder(), files().at(-1) ?? '');
    await using other = await createTestDatabase();
    await using elsewhere = await TestServer.start({}, { database: other, model });
    const { config } = elsewhere;
    if (config.database.kind === 'sqlite') await elsewhere.stop();
    await restore(config, SCHEMA, latest);
    const rows = await rowsOf(config.database);
    expect(rows.get('users')).toHaveLength(1);
    expect(rows).toEqual(await rowsOf(server.config.database));
    await start();
  });

  it('report a failure to admins and in the metrics, try again, and report that it works again', async () => {
    await becomesDue();
    rmSync(folder(), { recursive: true });
    writeFileSync(folder(), 'a file in its place');
    await schedule().look();
    expect((await dashboard()).backups?.failure).toMatchObject({ reason: 'failed' });
    expect(await metric('lockstep_backup_failures_total')).toBe(1);
    // The next attempt waits for a minute.
    await schedule().look();
    expect(await metric('lockstep_backup_failures_total')).toBe(1);
    rmSync(folder());
    await server[Symbol.asyncDispose]();
    await start();
    await schedule().look();
    await until(async () => (await dashboard()).backups?.failure === undefined, 'a backup without failure');
    expect(files()).toHaveLength(1);
  });

  // As root, every folder can be written.
  (process.getuid?.() === 0 ? it.skip : it)('say that their folder cannot be written (not as root)', async () => {
    await becomesDue();
    mkdirSync(folder(), { recursive: true });
    chmodSync(folder(), 0o500);
    await schedule().look();
    chmodSync(folder(), 0o700);
    expect((await dashboard()).backups?.failure).toMatchObject({ reason: 'no_right' });
  });

  it('say that the client programs of PostgreSQL are missing', async () => {
    if (server.config.database.kind === 'sqlite') return;
    await becomesDue();
    const path = process.env['PATH'];
    process.env['PATH'] = '/nowhere';
    await schedule().look();
    process.env['PATH'] = path;
    expect((await dashboard()).backups?.failure).toMatchObject({ reason: 'no_program' });
  });
});

/** All rows but those that differ after a restore, or change while a server runs. */
async function rowsOf(config: Parameters<typeof connect>[0]): Promise<Map<string, unknown>> {
  const orm = await connect(config, SCHEMA);
  try {
    const em = orm.em.fork() as EntityManager;
    expect(connectionOf(em).kind).toBe(config.kind);
    const rows = new Map<string, unknown>();
    for (const table of ['users', 'sessions', 'audit', 'conversations', 'stream_heads', 'migrations']) {
      rows.set(table, await em.execute(`select * from ${table} order by 1`));
    }
    return rows;
  } finally {
    await orm.close();
  }
}
