import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UnkeptRun } from '../../src/chat/unkept/unkept-run.entity.js';
import { UsageEntry } from '../../src/chat/usage/usage-entry.entity.js';
import { Database } from '../../src/database/database.js';
import { ADMIN_STREAM } from '../../src/protocol/index.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { HeldAnswers } from '../../testing/model/script.js';
import { createToken } from '../programs/programs.js';
import { begin } from '../support/conversation.js';
import { held } from '../support/queue.js';
import { type TestClient, until } from '../support/test-client.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { type TestPerson, TestServer } from '../support/test-server.js';

describe('an admin whose tab is on another process', () => {
  let database: TestDatabase;
  let model: ModelServer;
  let one: TestServer;
  let other: TestServer;
  let ada: TestPerson;
  let tab: TestClient;
  let admin: TestClient;

  beforeAll(async () => {
    database = await createTestDatabase();
    model = await ModelServer.start();
    one = await TestServer.start({}, { database, model });
    other = await TestServer.start({}, { database, model });
    ada = await one.signIn('Ada');
    tab = await one.connect(ada);
    admin = await other.connect(await other.signIn('Root', 'admin'));
    await admin.subscribe(ADMIN_STREAM);
  });
  afterAll(async () => {
    await other[Symbol.asyncDispose]();
    await one[Symbol.asyncDispose]();
    await model[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const started = (fits: (id: string, conversationId: string | null) => boolean) =>
    admin.event(ADMIN_STREAM, 'runs.changed', (data) => data.started.some((run) => fits(run.id, run.conversationId)));

  it('sees a run, stops it, and the process that writes it closes its connection to the model', async () => {
    let isClosed = false;
    model.next(async (answer, request) => {
      void request.closed.then(() => (isClosed = true));
      await held('So far').script(answer, request);
    });
    const { runId, stream } = await begin(tab);
    await tab.follow(stream);
    await tab.event(stream, 'run.delta', (data) => data.runId === runId);
    await started((id) => id === runId);
    expect(await admin.command('admin:stop-run', { runId })).toEqual({ status: 'stopped' });
    const finished = await tab.event(stream, 'run.finished');
    expect(finished).toMatchObject({ status: 'stopped', error: { code: 'stopped_by_admin' } });
    await until(() => isClosed, 'the model is not asked any longer');
    await admin.event(ADMIN_STREAM, 'runs.changed', ({ ended, active }) => ended.includes(runId) && active === 0);
  });

  it('stops a call of a program, which is counted', async () => {
    const { token } = await createToken(one, ada);
    const answers = new HeldAnswers();
    model.next(answers.script);
    const body = JSON.stringify({ model: 'test-model', messages: [{ role: 'user', content: 'Hi' }] });
    const call = one.fetch('/v1/chat/completions', { token }, { method: 'POST', body });
    await (await answers.next()).text('So far');
    const { started: runs } = await started((_id, conversationId) => conversationId === null);
    const runId = runs[0]?.id ?? '';
    expect(await admin.command('admin:stop-run', { runId })).toEqual({ status: 'stopped' });
    await expect((await call).json()).resolves.toMatchObject({ choices: [{ message: { content: 'So far' } }] });
    await until(async () => {
      const entry = await one.get(Database).read((em) => em.findOne(UsageEntry, { runId }));
      return entry?.status === 'stopped' && entry.outputTokens > 0;
    }, 'its usage is counted');
    expect(await one.get(Database).read((em) => em.count(UnkeptRun))).toBe(0);
  });
});
