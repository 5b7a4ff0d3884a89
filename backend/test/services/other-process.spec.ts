import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createClient } from 'redis';
import type { StreamEvent, SubscribeResult } from '../../src/protocol/index.js';
import { ProcessBus } from '../../src/streams/bus/process-bus.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { says } from '../../testing/model/script.js';
import { begin, foldAll, lastText, stateOf, whenNamed } from '../support/conversation.js';
import { type TestClient, until } from '../support/test-client.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { type TestPerson, TestServer } from '../support/test-server.js';

/** Shorter than the look into the log every 1.5 s, so that only the bus can be this fast. */
const SOONER_THAN_A_LOOK_MS = 1_000;
const PIECES = Array.from({ length: 150 }, (_, n) => `${n} `);
const LONG = 'long '.repeat(3_000);

const seqOf = (result: SubscribeResult): number => (result.mode === 'snapshot' ? result.seq : result.head);

/** The buses; tests for Redis are skipped without `TEST_REDIS_URL`. */
const BUSES: readonly (readonly [name: string, env: Record<string, string>])[] = [
  ['NOTIFY', {}],
  ['Redis', { REDIS_URL: process.env['TEST_REDIS_URL'] ?? '' }],
];
const isThere = ([name]: (typeof BUSES)[number]): boolean =>
  name !== 'Redis' || process.env['TEST_REDIS_URL'] !== undefined;

describe.each(BUSES.filter(isThere))('a tab on another process, with %s', (bus, env) => {
  let database: TestDatabase;
  let model: ModelServer;
  let one: TestServer;
  let other: TestServer;
  let person: TestPerson;
  let near: TestClient;
  let far: TestClient;
  let stream: string;
  let conversationId: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    model = await ModelServer.start();
    one = await TestServer.start(env, { database, model });
    other = await TestServer.start(env, { database, model });
    person = await one.signIn('Ada');
    near = await one.connect(person);
    far = await other.connect(other.renew(person));
    ({ stream, conversationId } = await begin(near));
    await whenNamed(near, stream);
  });
  afterAll(async () => {
    await other[Symbol.asyncDispose]();
    await one[Symbol.asyncDispose]();
    await model[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const administer = async (statement: string): Promise<void> => {
    const client = new pg.Client(database.url);
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  };
  it('[L6] a script that repeats its request there waits for the same answer', async () => {
    const released = Promise.withResolvers<void>();
    model.next(async (answer, asked) => {
      await released.promise;
      await says(['Only ', 'once'])(answer, asked);
    });
    const before = model.requests.length;
    const body = JSON.stringify({ message: 'Once?', clientMessageId: crypto.randomUUID() });
    const first = one.fetch('/api/chat', person, { method: 'POST', body });
    await until(() => model.requests.length > before, 'the model is asked');
    const second = other.fetch('/api/chat', other.renew(person), { method: 'POST', body });
    released.resolve();
    expect(await (await first).json()).toMatchObject({ reply: 'Only once' });
    expect(await (await second).json()).toMatchObject({ reply: 'Only once' });
    expect(model.requests.length).toBe(before + 1);
  });

  const cutConnections = async () => {
    if (bus === 'Redis') return cutRedis(env['REDIS_URL'] ?? '');
    await administer(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'lockstep listener' and datname = current_database()`,
    );
  };
  const rename = (tab: TestClient, title: string) => tab.command('conversation:update', { conversationId, title });

  /** Live events of the stream after a sequence number, in order of arrival. */
  const after = (tab: TestClient, seq: number): StreamEvent[] =>
    tab.eventsOf(stream).filter((event) => event.seq > seq);

  /** One process writes a reply while both write other events of the stream; checks the events of both tabs. */
  async function bothWrite(during: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    const tabs = [near, far] as const;
    const [first, second] = [await near.subscribe(stream), await far.subscribe(stream)];
    const before = tabs.map((tab) => tab.eventsOf(stream).length);
    model.next(says(PIECES, { delayMs: 4 }));
    const { runId } = await near.command('message:send', {
      clientMessageId: crypto.randomUUID(),
      conversationId,
      text: 'Go on',
    });
    for (let n = 0; n < 12; n += 1) {
      if (n === 4) await during();
      await Promise.all([rename(far, `far ${n}`), rename(near, n === 6 ? LONG.slice(0, 150) : `near ${n}`)]);
    }
    for (const tab of tabs) await tab.event(stream, 'run.finished', (run) => run.runId === runId);
    const end = stateOf(await near.subscribe(stream));
    const head = seqOf(await near.subscribe(stream));
    expect(lastText(end)).toBe(PIECES.join(''));
    for (const [index, tab] of tabs.entries()) {
      const start = [first, second][index] ?? first;
      await until(() => (tab.eventsOf(stream).at(-1)?.seq ?? 0) >= head, 'the last event');
      const live = tab.eventsOf(stream).slice(before[index]);
      const from = seqOf(start);
      expect(live.map(({ seq }) => seq)).toEqual(live.map((_, at) => from + 1 + at));
      expect(foldAll(stateOf(start), live as never)).toEqual(end);
    }
    await Promise.all(tabs.map((tab) => tab.command('stream:unsubscribe', { stream })));
  }

  it('[L1] gets each event once, in order and without a gap, while both processes write', async () => {
    await bothWrite();
  });

  it('gets events without delay', async () => {
    await far.subscribe(stream);
    for (let n = 0; n < 5; n += 1) {
      const known = far.eventsOf(stream).length;
      await rename(near, `at once ${n}`);
      await until(() => far.eventsOf(stream).length > known, 'the event', SOONER_THAN_A_LOOK_MS);
    }
  });

  it('gets events without delay that are too long for NOTIFY', async () => {
    const from = seqOf(await far.subscribe(stream));
    model.next(says([LONG]));
    await near.command('message:send', { clientMessageId: crypto.randomUUID(), conversationId, text: LONG });
    await until(() => after(far, from).some(({ type }) => type === 'message.added'), 'the message', 1_000);
    await until(() => after(far, from).some(({ type }) => type === 'run.delta'), 'the reply', 1_000);
    await far.event(stream, 'run.finished', ({ length }) => length === LONG.length);
  });

  it('[L1] misses nothing while the connections of the bus are cut', async () => {
    await bothWrite(cutConnections);
    // The connections are back.
    await far.subscribe(stream);
    await until(async () => {
      const known = far.eventsOf(stream).length;
      await rename(near, `back ${known}`);
      return until(() => far.eventsOf(stream).length > known, 'the event', 300).catch(() => false);
    }, 'the bus again');
  });

  it('[L1] misses nothing when the bus stays disconnected', async () => {
    await bothWrite(() => Promise.resolve(other.get(ProcessBus).onApplicationShutdown()));
    await bothWrite();
  });
});

/** Ends the connections of Lockstep's processes to Redis. */
async function cutRedis(url: string): Promise<void> {
  const client = createClient({ url });
  await client.connect();
  for (const { id, name } of await client.clientList()) {
    if (name === 'lockstep') await client.sendCommand(['CLIENT', 'KILL', 'ID', String(id)]);
  }
  client.destroy();
}
