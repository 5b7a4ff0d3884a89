import { once } from 'node:events';
import { join } from 'node:path';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { getPriority } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import Sqlite from 'better-sqlite3';
import { Kysely, sql } from 'kysely';
import { Slots } from '../../src/slots.js';
import { SqliteReader } from '../../src/database/sqlite/sqlite-reader.js';
import { readersDialect, SqliteReaders } from '../../src/database/sqlite/sqlite-readers.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const CHECKPOINT = 'pragma wal_checkpoint(passive)';
/** The nice values of all threads of this process: in `/proc/<pid>/stat` the 17th field after the name. */
const priorities = (): number[] =>
  readdirSync('/proc/self/task').map((id) => {
    const stat = readFileSync(`/proc/self/task/${id}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });
/** Ends a thread like a crash. */
const kill = (reader: SqliteReader): Promise<number> => (Reflect.get(reader, 'worker') as Worker).terminate();

describe('the reader threads of a SQLite file', () => {
  let database: TestDatabase;
  let path: string;
  let writer: Sqlite.Database;
  let readers: SqliteReaders;
  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(async () => {
    database = await createTestDatabase();
    path = join(database.dataDir, 'readers.db');
    writer = new Sqlite(path);
    writer.exec('pragma journal_mode = wal; pragma wal_autocheckpoint = 0; create table notes (text)');
    readers = new SqliteReaders({ path, synchronous: 'normal' });
  });
  afterEach(async () => {
    await readers.close();
    writer.close();
    await database[Symbol.asyncDispose]();
  });

  const count = (reader: SqliteReader): Promise<readonly unknown[]> =>
    reader.ask('select count(*) as n from notes', []);

  it('answer in the order of the queries, and continue after an error, which keeps its code', async () => {
    const reader = readers.take();
    const [first, missing, refused, last] = await Promise.allSettled([
      reader.ask('select ? as text', ['a']),
      reader.ask('select * from elsewhere', []),
      reader.ask('insert into notes values (1)', []),
      reader.ask('select ? as text', ['b']),
    ]);
    expect(first).toMatchObject({ value: [{ text: 'a' }] });
    expect(String(missing.status === 'rejected' && missing.reason)).toContain('no such table: elsewhere');
    expect(refused).toMatchObject({ reason: { code: 'SQLITE_READONLY' } });
    expect(last).toMatchObject({ value: [{ text: 'b' }] });
    readers.give(reader);
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux('give way to the event loop, which only Linux lets a thread do', async () => {
    const own = getPriority();
    const before = priorities();
    const reader = readers.take();
    await count(reader);
    readers.give(reader);
    expect(priorities().filter((one) => one > own).length).toBe(before.filter((one) => one > own).length + 1);
    expect(getPriority()).toBe(own);
  });

  it('are replaced after a crash: their query fails, and works when it is repeated', async () => {
    const db = new Kysely<unknown>({ dialect: readersDialect(readers) });
    const reader = readers.take();
    await count(reader);
    const killed = kill(reader);
    await expect(count(reader)).rejects.toMatchObject({ code: 'storage' });
    await killed;
    readers.give(reader);
    await expect(sql`select 1 as one`.execute(db)).resolves.toMatchObject({ rows: [{ one: 1 }] });

    const trx = await db.startTransaction().execute();
    await sql`select 1`.execute(trx);
    await trx.rollback().execute();
    const idle = readers.take();
    await kill(idle);
    readers.give(idle);
    await expect(sql`select 2 as two`.execute(db)).resolves.toMatchObject({ rows: [{ two: 2 }] });
  });

  it('end when they are closed, after their last query', async () => {
    const reader = readers.take();
    const ended = once(Reflect.get(reader, 'worker') as Worker, 'exit');
    const counted = count(reader);
    readers.give(reader);
    await readers.close();
    await expect(counted).resolves.toEqual([{ n: 0 }]);
    await expect(ended).resolves.toEqual([0]);
    await expect(count(reader)).rejects.toMatchObject({ code: 'storage' });
  });

  it('run checkpoints between constant reads, so that the log restarts from its beginning', async () => {
    const insert = writer.prepare('insert into notes values (?)');
    writer.pragma('journal_size_limit = 100000');
    const slots = new Slots(2);
    const lengths: number[] = [];
    const state = { isOver: false };
    const reading = [1, 2].map(async () => {
      while (!state.isOver) {
        await slots.run(async () => {
          const reader = readers.take();
          await reader.ask('begin', []);
          await count(reader);
          await reader.ask('commit', []);
          readers.give(reader);
        });
      }
    });
    for (let round = 0; round < 10; round++) {
      for (let n = 0; n < 50; n++) insert.run('x'.repeat(10_000));
      lengths.push(statSync(`${path}-wal`).size);
      await slots.runAlone(async () => {
        const reader = readers.take();
        const [result] = await reader.ask(CHECKPOINT, []);
        expect(result).toMatchObject({ busy: 0 });
        readers.give(reader);
      });
    }
    state.isOver = true;
    await Promise.all(reading);
    expect(Math.max(...lengths)).toBeLessThan(2 * (lengths[0] ?? 0));
  });
});
