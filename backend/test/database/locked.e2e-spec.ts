import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/core';
import { MIGRATIONS } from '../../migrations/index.js';
import { connect } from '../../src/database/connect.js';
import { Database } from '../../src/database/database.js';
import { Meta } from '../../src/database/meta.entity.js';
import { migrate } from '../../src/database/migrating/migrate.js';
import { ENTITIES } from '../../src/schema.js';

const HOLD = `
  const database = new (require('better-sqlite3'))(process.argv[1]);
  database.exec('begin immediate');
  console.log('held');
  setTimeout(() => {}, 60_000);
`;

/** Another process that holds a write lock on the SQLite file until it is killed. */
async function lockElsewhere(path: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', HOLD, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

describe('a SQLite file that another process has locked', () => {
  let directory: string;
  let path: string;
  let orm: MikroORM;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lockstep-test-'));
    path = join(directory, 'chat.db');
    const config = { database: { kind: 'sqlite', path, synchronous: 'normal' } as const, dataDir: directory };
    orm = await connect(config.database, { entities: ENTITIES, migrations: MIGRATIONS });
    await migrate(orm, config);
  });
  afterAll(async () => {
    await orm.close();
    await rm(directory, { recursive: true, force: true });
  });

  const note = (database: Database, key: string): Promise<void> =>
    database.write(async (em) => {
      em.create(Meta, { key, value: 'written' });
      return Promise.resolve();
    });
  const notes = (database: Database): Promise<string[]> =>
    database.read(async (em) => (await em.find(Meta, { value: 'written' })).map(({ key }) => key).sort());

  it('delays writes, but neither reads nor the event loop', async () => {
    const database = new Database(orm);
    const holder = await lockElsewhere(path);
    const written = Promise.all([note(database, 'a'), note(database, 'b')]);
    let isWritten = false;
    void written.then(() => (isWritten = true));
    const end = Date.now() + 2_000;
    let longestMs = 0;
    while (Date.now() < end) {
      const before = performance.now();
      await delay(5);
      longestMs = Math.max(longestMs, performance.now() - before);
      expect(await notes(database)).toEqual([]);
    }
    expect(isWritten).toBe(false);
    // Two writers may wait in the driver one after the other, and the machine may be busy.
    expect(longestMs).toBeLessThan(1_000);
    holder.kill('SIGKILL');
    await written;
    expect(await notes(database)).toEqual(['a', 'b']);
  });

  it('makes writes fail with `storage` after a timeout, and works again as soon as it is unlocked', async () => {
    const database = new Database(orm, 300);
    const holder = await lockElsewhere(path);
    for (const key of ['c', 'd', 'e']) {
      await expect(note(database, key)).rejects.toMatchObject({ name: 'ChatError', code: 'storage' });
    }
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await note(database, 'f');
    expect(await notes(database)).toEqual(['a', 'b', 'f']);
  });
});
