import { closeSync, openSync, readdirSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Sqlite from 'better-sqlite3';
import type { MigrationObject } from '@mikro-orm/core';
import { MIGRATIONS } from '../../migrations/index.js';
import { PortableMigration } from '../../migrations/portable-migration.js';
import { connect } from '../../src/database/connect.js';
import { DatabaseRefused } from '../../src/database/database-refused.js';
import { migrate } from '../../src/database/migrating/migrate.js';
import { tryLockDatabase } from '../../src/database/sqlite/process-lock.js';
import { restore } from '../../src/database/backup/restore.js';
import { backUpSqlite, DamagedDatabase } from '../../src/database/backup/sqlite-backup.js';
import { ENTITIES } from '../../src/schema.js';

/** Migrations of a future version; each creates one table. */
const future = (name: string): MigrationObject => ({
  name,
  class: class extends PortableMigration {
    override name = name;
    override up(): void {
      this.createTable(name, ['"id" integer']);
    }
  },
});

describe('a SQLite file', () => {
  let dataDir: string;
  let path: string;
  const config = () => ({ database: { kind: 'sqlite', path, synchronous: 'normal' } as const, dataDir });
  const backups = (): string[] => readdirSync(join(dataDir, 'backups'));
  const migrateWith = async (migrations: MigrationObject[]): Promise<string[]> => {
    const orm = await connect(config().database, { entities: ENTITIES, migrations });
    try {
      return await migrate(orm, config());
    } finally {
      await orm.close();
    }
  };
  const onDatabase = <T>(file: string, work: (database: Sqlite.Database) => T): T => {
    const database = new Sqlite(file);
    try {
      return work(database);
    } finally {
      database.close();
    }
  };
  const note = (value: string, file = path) =>
    onDatabase(file, (database) => database.prepare(`insert into meta values ('note', ?)`).run(value));
  const noteIn = (file: string) =>
    onDatabase(file, (database) => database.prepare(`select value from meta where key = 'note'`).pluck().get());
  const epochIn = (file: string) =>
    onDatabase(file, (database) => database.prepare(`select value from meta where key = 'epoch'`).pluck().get());
  const restoreFrom = (file: string) => restore(config(), { entities: ENTITIES, migrations: MIGRATIONS }, file);

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'lockstep-test-'));
    path = join(dataDir, 'chat.db');
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  describe('before a migration', () => {
    it('is backed up if it contains data and is not up to date', async () => {
      await migrateWith(MIGRATIONS);
      await migrateWith(MIGRATIONS);
      expect(readdirSync(dataDir)).not.toContain('backups');
      note('old');
      expect(await migrateWith([...MIGRATIONS, future('next')])).toEqual(['next']);
      expect(backups()).toEqual([expect.stringMatching(/^before-migration-/)]);
      const copy = join(dataDir, 'backups', backups()[0] ?? '');
      expect(noteIn(copy)).toBe('old');
      const tables = onDatabase(copy, (one) => one.prepare('select name from sqlite_schema').pluck().all());
      expect(tables).not.toContain('next');
    });

    it('keeps the last five of these backups, and all other ones', async () => {
      await migrateWith(MIGRATIONS);
      const migrations = [...MIGRATIONS];
      await backUpSqlite(path, join(dataDir, 'backups', '2020-01-01.db'));
      const seen = new Set<string>();
      for (let n = 1; n <= 7; n += 1) {
        migrations.push(future(`change_${n}`));
        await migrateWith(migrations);
        for (const name of backups()) seen.add(name);
      }
      const made = [...seen].filter((name) => name.startsWith('before-')).sort();
      expect(made).toHaveLength(7);
      expect(backups().sort()).toEqual(['2020-01-01.db', ...made.slice(-5)]);
    });

    it('is not migrated when the backup fails', async () => {
      await migrateWith(MIGRATIONS);
      writeFileSync(join(dataDir, 'backups'), 'a file where the folder should be');
      await expect(migrateWith([...MIGRATIONS, future('next')])).rejects.toThrow(/backups/);
      expect(await migrateWith(MIGRATIONS)).toEqual([]);
    });
  });

  it('of a newer version is refused by an older one, with the name of the migration and a remedy', async () => {
    await migrateWith([...MIGRATIONS, future('20990101-later')]);
    await expect(migrateWith(MIGRATIONS)).rejects.toThrow(/newer version.*20990101-later.*db:restore FILE/);
  });

  it('can be restored from a file that was not checkpointed, including its log', async () => {
    await migrateWith(MIGRATIONS);
    const other = join(dataDir, 'other.db');
    await backUpSqlite(path, other);
    const open = new Sqlite(other);
    open.pragma('journal_mode = wal');
    open.exec(`insert into meta values ('note', 'in the log')`);
    note('current');
    const before = epochIn(path);
    const { kept } = await restoreFrom(other);
    open.close();
    expect(noteIn(path)).toBe('in the log');
    expect(epochIn(path)).not.toBe(before);
    expect(noteIn(kept ?? '')).toBe('current');
    expect(readdirSync(dataDir).filter((name) => name.includes('restoring'))).toEqual([]);
  });

  it('can be restored where there was none', async () => {
    await migrateWith(MIGRATIONS);
    const file = join(dataDir, 'kept.db');
    note('kept');
    await backUpSqlite(path, file);
    const before = epochIn(path);
    path = join(dataDir, 'fresh.db');
    expect(await restoreFrom(file)).toEqual({ kept: undefined });
    expect(noteIn(path)).toBe('kept');
    expect(epochIn(path)).not.toBe(before);
    expect(await migrateWith(MIGRATIONS)).toEqual([]);
  });

  it('that is damaged is kept unchanged by a restore, and cannot be backed up', async () => {
    await migrateWith(MIGRATIONS);
    const file = join(dataDir, 'kept.db');
    await backUpSqlite(path, file);
    onDatabase(path, (database) => database.pragma('journal_mode = delete'));
    truncateSync(path, 40_000);
    const damaged = readFileSync(path);
    await expect(backUpSqlite(path, join(dataDir, 'no.db'))).rejects.toThrow(DamagedDatabase);
    const { kept } = await restoreFrom(file);
    expect(kept).toMatch(/chat\.db\.damaged-/);
    expect(readFileSync(kept ?? '')).toEqual(damaged);
    expect(await migrateWith(MIGRATIONS)).toEqual([]);
  });

  it.each([
    [
      'that is damaged',
      (file: string) => {
        const handle = openSync(file, 'r+');
        writeSync(handle, Buffer.alloc(4096, 0xab), 0, 4096, 3 * 4096);
        closeSync(handle);
      },
      /damaged/,
    ],
    ['that was cut short', (file: string) => truncateSync(file, 30_000), /damaged/],
    [
      "of another program's",
      (file: string) => {
        writeFileSync(file, '');
        onDatabase(file, (database) => database.exec('create table songs (title text)'));
      },
      /not of Lockstep/,
    ],
  ])('is not replaced by a backup %s', async (_what, spoil, sentence) => {
    await migrateWith(MIGRATIONS);
    note('current');
    const file = join(dataDir, 'spoilt.db');
    await backUpSqlite(path, file);
    spoil(file);
    const before = epochIn(path);
    const refused = await restoreFrom(file).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DatabaseRefused);
    expect(String(refused)).toMatch(sentence);
    expect([noteIn(path), epochIn(path)]).toEqual(['current', before]);
    expect(readdirSync(dataDir)).not.toContain('backups');
  });

  it('is not replaced while a server uses it', async () => {
    await migrateWith(MIGRATIONS);
    const file = join(dataDir, 'kept.db');
    await backUpSqlite(path, file);
    using lock = tryLockDatabase(path);
    expect(lock).toBeDefined();
    await expect(restoreFrom(file)).rejects.toThrow(/server is using .*chat\.db\. Stop it/);
  });

  it('is backed up consistently during constant writes', async () => {
    await migrateWith(MIGRATIONS);
    const writer = new Sqlite(path);
    writer.exec('create table pairs (a integer, b integer)');
    const insert = writer.prepare('insert into pairs values (?, ?)');
    // Large enough for several steps of the backup.
    const filler = 'x'.repeat(3_000);
    writer.exec('create table filler (text text)');
    for (let n = 0; n < 1_000; n += 1) writer.prepare('insert into filler values (?)').run(filler);
    let written = 0;
    let isDone = false;
    const write = (): void => {
      if (isDone) return;
      writer.transaction(() => {
        insert.run(written, 0);
        insert.run(0, written);
      })();
      written += 1;
      setImmediate(write);
    };
    write();
    const file = join(dataDir, 'moment.db');
    await backUpSqlite(path, file);
    isDone = true;
    writer.close();
    expect(written).toBeGreaterThan(2);
    const [as, bs] = onDatabase(file, (copy) =>
      ['a', 'b'].map((column) => copy.prepare(`select total(${column}) from pairs`).pluck().get()),
    );
    expect(as).toBe(bs);
  });
});
