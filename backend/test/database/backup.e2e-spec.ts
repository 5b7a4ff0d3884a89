import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MIGRATIONS } from '../../migrations/index.js';
import { backUp } from '../../src/database/backup/backup.js';
import { NewerSchema } from '../../src/database/migrating/newer-schema.js';
import { DatabaseInUse } from '../../src/database/sqlite/process-lock.js';
import { restore } from '../../src/database/backup/restore.js';
import { conversationStream } from '../../src/protocol/index.js';
import { ENTITIES } from '../../src/schema.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { says } from '../../testing/model/script.js';
import { begin, lastText, newMessage, stateOf } from '../support/conversation.js';
import { until } from '../support/test-client.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { type TestPerson, TestServer } from '../support/test-server.js';

const SCHEMA = { entities: ENTITIES, migrations: MIGRATIONS };

describe('a backup', () => {
  let database: TestDatabase;
  let model: ModelServer;
  let person: TestPerson;
  /** Created in the server that makes the backup, and still there after the restore. */
  let early: { readonly stream: string; readonly conversationId: string; readonly epoch: string };
  let server: TestServer;
  beforeAll(async () => {
    database = await createTestDatabase();
    model = await ModelServer.start();
    server = await TestServer.start({}, { database, model });
    person = await server.signIn('Ada');
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await model[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  it('is made while the server writes, and is consistent', async () => {
    const tab = await server.connect(person);
    model.next(
      says(
        Array.from({ length: 400 }, (_, n) => `${n} `),
        { delayMs: 2 },
      ),
    );
    const { stream, conversationId } = await begin(tab, 'Early');
    const { epoch } = await tab.subscribe(stream);
    early = { stream, conversationId, epoch };
    await tab.event(stream, 'run.delta', ({ offset }) => offset > 10);
    const { file, size } = await backUp(server.config, SCHEMA);
    expect(file.startsWith(join(database.dataDir, 'backups'))).toBe(true);
    expect(size).toBeGreaterThan(10_000);
    await tab.event(stream, 'run.finished');
    expect(lastText(stateOf(await tab.subscribe(stream)))).toContain('399');
    await expect(backUp(server.config, SCHEMA, file)).rejects.toThrow(/exists already/);
    expect(readdirSync(join(database.dataDir, 'backups'))).toHaveLength(1);
  });

  it('restores the old state in a new epoch, and keeps the replaced one', async () => {
    const tab = await server.connect(person);
    const before = await tab.subscribe(early.stream);
    model.next(says(['Later']));
    const late = await begin(tab, 'Late');
    await tab.subscribe(late.stream);
    await tab.event(late.stream, 'run.finished');
    const file = onlyBackup(database.dataDir);
    if (server.config.database.kind === 'sqlite') {
      await expect(restore(server.config, SCHEMA, file)).rejects.toThrow(DatabaseInUse);
      await server.stop();
    }
    const { kept } = await restore(server.config, SCHEMA, file);
    if (server.config.database.kind === 'sqlite') server = await TestServer.start({}, { database, model });

    const again = await server.connect(server.renew(person));
    const cursor = { epoch: before.epoch, seq: before.mode === 'snapshot' ? before.seq : 0 };
    // The run of the backup ends once its lease has expired and the reaper has looked.
    const back = await until(
      async () => {
        const result = await again.subscribe(early.stream, cursor);
        expect(result).toMatchObject({ mode: 'snapshot', epoch: expect.not.stringMatching(early.epoch) });
        return stateOf(result).messages.at(-1)?.status !== 'streaming' && result;
      },
      'the run of the backup to end',
      15_000,
    );
    expect(stateOf(back).messages.at(-1)).toMatchObject({ status: 'interrupted' });
    expect(lastText(stateOf(back))).toMatch(/^0 1 2 /);
    expect(lastText(stateOf(back))).not.toContain('399');
    expect(await again.refused('stream:subscribe', { stream: late.stream })).toMatchObject({ code: 'not_found' });
    // It can be continued.
    model.next(says(['On']));
    const { runId } = await again.command('message:send', newMessage('On', early.conversationId));
    const ended = await again.event(early.stream, 'run.finished', (run) => run.runId === runId);
    expect(ended).toMatchObject({ status: 'completed' });

    // The replaced database contains the later conversation.
    expect(kept).toMatch(/before-restore/);
    if (server.config.database.kind === 'sqlite') await server.stop();
    await restore(server.config, SCHEMA, kept ?? '');
    if (server.config.database.kind === 'sqlite') server = await TestServer.start({}, { database, model });
    const third = await server.connect(server.renew(person));
    expect(lastText(stateOf(await third.subscribe(late.stream)))).toBe('Later');
  });

  it('is restored on PostgreSQL while a server runs: its tabs get the new epoch, and its runs end', async () => {
    if (server.config.database.kind === 'sqlite') {
      await expect(restore(server.config, SCHEMA, onlyBackup(database.dataDir))).rejects.toThrow(/Stop it, restore/);
      return;
    }
    const tab = await server.connect(person);
    model.next(
      says(
        Array.from({ length: 2_000 }, (_, n) => `${n} `),
        { delayMs: 5 },
      ),
    );
    const { stream, conversationId } = await begin(tab, 'Written through a restore');
    const { epoch } = await tab.subscribe(stream);
    await tab.event(stream, 'run.delta', ({ offset }) => offset > 10);
    const { file } = await backUp(server.config, SCHEMA);
    await tab.event(stream, 'run.delta', ({ offset }) => offset > 500);
    tab.heads.splice(0);
    await restore(server.config, SCHEMA, file);
    const announced = await until(() => tab.heads.find((heads) => heads.epoch !== epoch), 'the new epoch', 5_000);
    expect(announced.heads).toContainEqual({ stream, seq: expect.any(Number) });
    const ended = await until(
      async () => {
        const result = await tab.subscribe(conversationStream(conversationId), { epoch, seq: 5 });
        return stateOf(result).messages.at(-1)?.status !== 'streaming' && stateOf(result);
      },
      'the run to end',
      20_000,
    );
    expect(ended.messages.at(-1)?.status).toBe('interrupted');
    expect(lastText(ended)).toMatch(/^0 1 2 /);
    expect(model.openAnswers).toBe(0);
  });

  it.each([
    ['a file that is not there', undefined, /no file/],
    ['a text', 'Dear diary', /./],
    ['an empty file', '', /./],
  ])('refuses to restore %s, and changes nothing', async (_what, content, sentence) => {
    const file = join(database.dataDir, 'odd');
    if (content !== undefined) writeFileSync(file, content);
    const kept = readdirSync(join(database.dataDir, 'backups')).length;
    if (server.config.database.kind === 'sqlite') await server.stop();
    await expect(restore(server.config, SCHEMA, file)).rejects.toThrow(sentence);
    if (server.config.database.kind === 'sqlite') server = await TestServer.start({}, { database, model });
    expect(readdirSync(join(database.dataDir, 'backups'))).toHaveLength(kept);
    const tab = await server.connect(server.renew(person));
    expect(stateOf(await tab.subscribe(early.stream)).conversation.id).toBe(early.conversationId);
  });

  it('of a newer version is refused', async () => {
    const file = onlyBackup(database.dataDir);
    if (server.config.database.kind === 'sqlite') await server.stop();
    const older = { entities: ENTITIES, migrations: [] };
    const config = { ...server.config, dataDir: join(database.dataDir, 'elsewhere') };
    await expect(restore(config, older, file)).rejects.toThrow(NewerSchema);
    expect(existsSync(config.dataDir)).toBe(false);
    if (server.config.database.kind === 'sqlite') server = await TestServer.start({}, { database, model });
  });
});

function onlyBackup(dataDir: string): string {
  const name = readdirSync(join(dataDir, 'backups')).find((one) => !one.startsWith('before-'));
  if (name === undefined) throw new Error('There is no backup');
  return join(dataDir, 'backups', name);
}
