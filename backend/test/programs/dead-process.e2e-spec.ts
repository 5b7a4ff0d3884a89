import { randomUUID } from 'node:crypto';
import { afterEach, expect, it, jest } from '@jest/globals';
import { UnkeptRows } from '../../src/chat/unkept/unkept-rows.js';
import { UnkeptRun } from '../../src/chat/unkept/unkept-run.entity.js';
import { UsageEntry } from '../../src/chat/usage/usage-entry.entity.js';
import { Database } from '../../src/database/database.js';
import { HeldAnswers } from '../../testing/model/script.js';
import { passTime } from '../support/pass-time.js';
import { until } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';
import { createToken } from './programs.js';

afterEach(() => {
  jest.restoreAllMocks();
});

const post = (server: TestServer, token: string): Promise<Response> => {
  const body = JSON.stringify({ model: 'test-model', messages: [{ role: 'user', content: 'Hi' }] });
  return server.fetch('/v1/chat/completions', { token }, { method: 'POST', body });
};

it('a run that a dead process has left does not count for long, and one that lives is left alone', async () => {
  await using server = await TestServer.start({ MAX_RUNS_PER_USER: '2' });
  const person = await server.signIn('Ada');
  const { token } = await createToken(server, person);
  const database = server.get(Database);
  const idsOf = () => database.read(async (em) => (await em.find(UnkeptRun, {})).map(({ id }) => id));
  const left = randomUUID();
  const now = database.clock.now();
  await database.write((em) => {
    const row = { userId: person.userId, model: 'test-model', requestId: 'x', leaseUntil: now + 1, createdAt: now };
    const used = { inputTokens: 12, outputTokens: 3, costMicros: 7 };
    em.create(UnkeptRun, { id: left, ...row, ...used });
    return Promise.resolve();
  });
  const answers = new HeldAnswers();
  server.model.next(answers.script);
  const call = post(server, token);
  const answer = await answers.next();
  expect(await idsOf()).toHaveLength(2);
  expect((await post(server, token)).status).toBe(429);

  // Both leases look expired when the clock is set forward; the living process renews its own.
  passTime(database.clock, 3_600_000);
  const rows = server.get(UnkeptRows);
  await rows.sweep();
  const living = await until(async () => {
    const found = await database.read((em) => em.find(UnkeptRun, { leaseUntil: { $gt: database.clock.now() } }));
    return found[0]?.id;
  }, 'the living run has renewed its lease');
  await rows.sweep();
  expect(await idsOf()).toEqual([living]);
  // What it had used when it last renewed its lease is counted.
  const entry = await database.read((em) => em.findOne(UsageEntry, { runId: left }));
  expect(entry).toMatchObject({ userId: person.userId, inputTokens: 12, outputTokens: 3, costMicros: 7 });
  expect(entry).toMatchObject({ status: 'interrupted', estimated: true });

  await answer.text('Done');
  await answer.finish('stop');
  await answer.done();
  expect((await call).status).toBe(200);
  expect(await idsOf()).toEqual([]);
});

it('a run whose row is removed stops', async () => {
  await using server = await TestServer.start();
  const { token } = await createToken(server, await server.signIn('Ada'));
  const answers = new HeldAnswers();
  server.model.next(answers.script);
  const call = post(server, token);
  const answer = await answers.next();
  await answer.text('So far');
  await server.get(Database).write(async (em) => void (await em.nativeDelete(UnkeptRun, {})));
  await expect((await call).json()).resolves.toMatchObject({
    choices: [{ message: { content: 'So far' }, finish_reason: 'stop' }],
  });
});
