import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ConversationEvent } from '../../src/protocol/index.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { begin, foldAll, lastText, newMessage, stateOf } from '../support/conversation.js';
import { type TestClient, until } from '../support/test-client.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { type TestPerson, TestServer } from '../support/test-server.js';
import { type Outage, OUTAGES } from './outage.js';

/** Needs new pages, so that free space in existing ones does not help. */
const LONG = 'long '.repeat(5_000);

describe.each(OUTAGES)('$name', (kind) => {
  let outage: Outage;
  let database: TestDatabase;
  let model: ModelServer;
  let server: TestServer;
  let person: TestPerson;
  let tab: TestClient;
  beforeAll(async () => {
    outage = kind.make();
    database = await createTestDatabase();
    model = await ModelServer.start();
    server = await TestServer.start(
      { DATABASE_URL: `sqlite:${outage.path}`, MODEL_MAX_REPLY_LENGTH: '10000000' },
      { database, model },
    );
    person = await server.signIn('Ada');
    tab = await server.connect(person);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await model[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
    outage[Symbol.dispose]();
  });

  it('refuses a message as retryable, still serves reads, and accepts it once afterwards', async () => {
    const { stream, conversationId } = await begin(tab);
    await tab.follow(stream);
    await tab.event(stream, 'run.finished');
    const message = newMessage(LONG, conversationId);
    await outage.begin(server);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      expect(await tab.refused('message:send', message)).toMatchObject({ code: 'storage', retryable: true });
    }
    expect(lastText(stateOf(await tab.subscribe(stream)))).toBe('Hello, world!');
    expect((await server.fetch(`/api/conversations/${conversationId}`, person)).status).toBe(200);
    expect((await server.fetch('/health/live')).status).toBe(200);
    await outage.end(server);

    const { runId } = await tab.command('message:send', message);
    expect(await tab.event(stream, 'run.finished', (run) => run.runId === runId)).toMatchObject({
      status: 'completed',
    });
    const { messages } = stateOf(await tab.subscribe(stream));
    expect(messages.filter(({ text }) => text === LONG.trim() || text === LONG)).toHaveLength(1);
    expect(model.requests.at(-1)?.body.messages).toHaveLength(4);
    const seqs = tab.eventsOf(stream).map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, at) => at + (seqs[0] ?? 0)));
  });

  it('buffers a reply, and nothing of it is lost or doubled', async () => {
    const [failing, mended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const during = Array.from({ length: 8 }, (_, n) => `${n}:${'during '.repeat(1_000)}`);
    const said = Promise.withResolvers<void>();
    model.next(async (answer) => {
      await answer.text('before ');
      await failing.promise;
      for (const piece of during) await answer.text(piece);
      said.resolve();
      await mended.promise;
      await answer.text('after');
      await answer.finish('stop');
      await answer.done();
    });
    const { stream } = await begin(tab);
    const start = await tab.subscribe(stream);
    await until(async () => lastText(stateOf(await tab.subscribe(stream))) !== '', 'the reply has begun');
    await outage.begin(server);
    failing.resolve();
    await said.promise;
    const other = await server.connect(person);
    expect(lastText(stateOf(await other.subscribe(stream)))).toMatch(/^before (0:(during )*)?/);
    await outage.end(server);
    mended.resolve();

    const whole = `before ${during.join('')}after`;
    expect(await tab.event(stream, 'run.finished')).toMatchObject({ status: 'completed', length: whole.length });
    const end = await tab.subscribe(stream);
    expect(lastText(stateOf(end))).toBe(whole);
    const after = start.mode === 'snapshot' ? start.seq : 0;
    // The title is generated in the meantime, and published too.
    const upTo = end.mode === 'snapshot' ? end.seq : 0;
    await until(() => (tab.eventsOf(stream).at(-1)?.seq ?? 0) >= upTo, 'the last event');
    const live = tab.eventsOf(stream).filter(({ seq }) => seq > after && seq <= upTo) as ConversationEvent[];
    expect(foldAll(stateOf(start), live)).toEqual(stateOf(end));
  });

  it('ends a reply that outgrows its buffer as failed, and the conversation can be continued', async () => {
    const failing = Promise.withResolvers<void>();
    model.next(async (answer, { closed }) => {
      await answer.text('before ');
      await failing.promise;
      const state = { isOpen: true };
      void closed.then(() => (state.isOpen = false));
      while (state.isOpen) await answer.text('more '.repeat(10_000));
    });
    const { stream, conversationId } = await begin(tab);
    await tab.follow(stream);
    await tab.event(stream, 'run.delta');
    const request = model.requests.at(-1);
    await outage.begin(server);
    failing.resolve();
    // The connection to the model is closed at once, not after the outage.
    await request?.closed;
    await outage.end(server);
    const { length, ...finished } = await tab.event(stream, 'run.finished');
    expect(finished).toMatchObject({ status: 'failed', error: { code: 'storage' } });
    expect(length).toBeLessThan(1024 * 1024);
    const failed = stateOf(await tab.subscribe(stream)).messages.at(-1);
    expect(failed).toMatchObject({ status: 'failed', text: expect.stringMatching(/^before /) });
    expect(failed?.text).toHaveLength(length);

    const { runId } = await tab.command('message:send', newMessage('And now?', conversationId));
    const next = await until(
      () =>
        tab
          .eventsOf(stream)
          .find(({ type, data }) => type === 'run.finished' && 'runId' in data && data.runId === runId),
      'the next reply',
    );
    expect(next.data).toMatchObject({ status: 'completed' });
  });
});
