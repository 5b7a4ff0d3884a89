import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UsageEntry } from '../../../src/chat/usage/usage-entry.entity.js';
import { Database } from '../../../src/database/database.js';
import { estimateTokens } from '../../../src/models/usage/token-estimate.js';
import { type ChatEvent, type Usage, usageReport, type UsageReport } from '../../../src/protocol/index.js';
import { refuses, says, type Script } from '../../../testing/model/script.js';
import { begin, lastText, newMessage, stateOf, whenEnded } from '../../support/conversation.js';
import { type TestClient, until } from '../../support/test-client.js';
import { type TestPerson, TestServer } from '../../support/test-server.js';

type RunFinished = Extract<ChatEvent, { type: 'run.finished' }>['data'];

const PRICES = { 'test-model': { input: 2, output: 8 } };
const DAY_MS = 86_400_000;

/** A long reply, to be stopped. */
const endless = says(
  Array.from({ length: 5_000 }, () => 'on and '),
  { delayMs: 5 },
);
const withoutUsage: Script = async (answer) => {
  await answer.text('Hello ');
  await answer.text('there');
  await answer.finish('stop');
  await answer.done();
};
const breaksOff: Script = async (answer) => {
  await answer.text('So far');
  answer.end();
};

describe('the usage of replies', () => {
  let server: TestServer;
  let tab: TestClient;
  let person: TestPerson;
  beforeAll(async () => {
    server = await TestServer.start({ MODEL_PRICES: JSON.stringify(PRICES), PRICE_CURRENCY: 'EUR' });
    person = await server.signIn('Ada');
    tab = await server.connect(person);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const usageOf = async (as = person, query = ''): Promise<UsageReport> =>
    usageReport.parse(await (await server.fetch(`/api/usage${query}`, as)).json());

  /** Sends a message and waits for the end; checks that all places report the same usage. */
  async function used(script: Script, model?: string): Promise<Usage | undefined> {
    server.model.next(script);
    const message = { ...newMessage('What?'), ...(model !== undefined && { model }) };
    const stream = `conversation:${message.conversationId}`;
    await tab.command('message:send', message);
    await whenEnded(tab, stream);
    return expectUsage(stream, await endOf(stream));
  }

  async function expectUsage(stream: string, finished: RunFinished): Promise<Usage | undefined> {
    const { conversation, messages } = stateOf(await tab.subscribe(stream));
    expect(messages.at(-1)?.usage).toEqual(finished.usage);
    expect(conversation.usage).toEqual(finished.usage ?? { inputTokens: 0, outputTokens: 0 });
    const entry = await server.get(Database).read((em) => em.findOne(UsageEntry, { runId: finished.runId }));
    expect(entry?.inputTokens).toBe(finished.usage?.inputTokens ?? 0);
    expect(entry?.status).toBe(finished.status);
    expect(entry?.failure ?? undefined).toBe(finished.error?.code);
    expect(entry?.costMicros ?? undefined).toBe(finished.usage?.costMicros);
    return finished.usage;
  }

  /** From the log: a short reply may have ended before the tab subscribed. */
  async function endOf(stream: string): Promise<RunFinished> {
    const { epoch } = await tab.subscribe(stream);
    const replay = await tab.subscribe(stream, { epoch, seq: 0 });
    if (replay.mode !== 'events') throw new Error('expected events');
    const finished = replay.events.find((event) => event.type === 'run.finished');
    if (!finished) throw new Error('the reply has not ended');
    return finished.data as RunFinished;
  }

  it('is counted by the provider, with its cost', async () => {
    const usage = { prompt_tokens: 1_001, completion_tokens: 3 };
    expect(await used(says(['Yes'], { usage }))).toEqual({ inputTokens: 1_001, outputTokens: 3, costMicros: 2_026 });
  });

  it('has no cost when the model has no price', async () => {
    expect(await used(says(['Yes']), 'other-model')).toEqual({ inputTokens: 7, outputTokens: 1 });
  });

  it('is estimated when the provider does not count, or the stream broke off', async () => {
    for (const script of [withoutUsage, breaksOff]) {
      const usage = await used(script);
      expect(usage).toMatchObject({ estimated: true });
      expect(usage?.inputTokens).toBeGreaterThan(10);
      expect(usage?.outputTokens).toBeGreaterThan(2);
      expect(usage?.costMicros).toBe(2 * (usage?.inputTokens ?? 0) + 8 * (usage?.outputTokens ?? 0));
    }
  });

  it('is estimated from the text so far when the reply was stopped', async () => {
    server.model.next(endless);
    const { stream, runId } = await begin(tab, 'Go on');
    await until(async () => lastText(stateOf(await tab.subscribe(stream))) !== '', 'the reply has begun');
    await tab.command('run:stop', { runId });
    const finished = await tab.event(stream, 'run.finished');
    const usage = await expectUsage(stream, finished);
    expect(usage).toMatchObject({ estimated: true, costMicros: expect.any(Number) });
    expect(usage?.outputTokens).toBe(estimateTokens('x'.repeat(finished.length)));
  });

  it('is missing when the model was never reached', async () => {
    expect(await used(refuses(401))).toBeUndefined();
  });

  it('is summed over the replies of a conversation, and outlives it', async () => {
    const eve = await server.signIn('Eve');
    const hers = await server.connect(eve);
    const { conversationId, stream, runId } = await begin(hers);
    await hers.follow(stream);
    const first = await hers.event(stream, 'run.finished', (data) => data.runId === runId);
    server.model.next(withoutUsage);
    const again = await hers.command('message:regenerate', {
      clientMessageId: randomUUID(),
      messageId: first.messageId,
    });
    const second = await hers.event(stream, 'run.finished', (data) => data.runId === again.runId);
    const { conversation } = stateOf(await hers.subscribe(stream));
    const sum = (key: 'inputTokens' | 'outputTokens' | 'costMicros') =>
      (first.usage?.[key] ?? 0) + (second.usage?.[key] ?? 0);
    const total = {
      inputTokens: sum('inputTokens'),
      outputTokens: sum('outputTokens'),
      costMicros: sum('costMicros'),
      estimated: true,
    };
    expect(conversation.usage).toEqual(total);
    await hers.command('conversation:delete', { conversationId });
    const day = new Date().toISOString().slice(0, 10);
    expect(await usageOf(eve)).toEqual({ items: [{ day, replies: 2, ...total }], currency: 'EUR' });
  });

  describe('by day', () => {
    let bob: TestPerson;
    const midnight = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
    const use = (userId: string, at: number, costMicros: number | null, estimated = false) =>
      server.get(Database).write((em) => {
        em.create(UsageEntry, {
          runId: randomUUID(),
          userId,
          model: 'm',
          at,
          inputTokens: 10,
          outputTokens: 1,
          costMicros,
          estimated,
          status: 'completed',
          failure: null,
          firstTokenMs: null,
        });
        return Promise.resolve();
      });

    beforeAll(async () => {
      bob = await server.signIn('Bob');
      await use(bob.userId, midnight - 2 * DAY_MS, 5);
      await use(bob.userId, midnight - 1, null);
      await use(bob.userId, midnight - 1, 7, true);
      await use(bob.userId, midnight, null);
      await use((await server.signIn('Cleo')).userId, midnight, 1_000);
    });

    it('is listed newest first, without days without usage', async () => {
      expect(await usageOf(bob)).toEqual({
        items: [
          { day: dayOf(midnight), replies: 1, inputTokens: 10, outputTokens: 1 },
          {
            day: dayOf(midnight - 1),
            replies: 2,
            inputTokens: 20,
            outputTokens: 2,
            costMicros: 7,
            estimated: true,
          },
          { day: dayOf(midnight - 2 * DAY_MS), replies: 1, inputTokens: 10, outputTokens: 1, costMicros: 5 },
        ],
        currency: 'EUR',
      });
      expect((await usageOf(bob, '?days=1')).items.map(({ day }) => day)).toEqual([dayOf(midnight)]);
      expect(await usageOf(await server.signIn('Dan'))).toEqual({ items: [], currency: 'EUR' });
    });

    it('follows the time zone of the request', async () => {
      // In UTC+1 the last moment of yesterday is already today; in UTC-1 the first of today is still yesterday.
      const ahead = await usageOf(bob, '?utcOffsetMinutes=60');
      expect(ahead.items.slice(0, 1).map(({ replies }) => replies)).toEqual([3]);
      const behind = await usageOf(bob, '?utcOffsetMinutes=-60');
      expect(behind.items[0]).toMatchObject({ day: dayOf(midnight - 1), replies: 3 });
    });

    it.each(['?days=0', '?days=367', '?days=1.5', '?utcOffsetMinutes=841', '?utcOffsetMinutes=-841', '?day=1'])(
      'is refused for %s',
      async (query) => {
        expect((await server.fetch(`/api/usage${query}`, bob)).status).toBe(400);
      },
    );

    it('is visible only to its user, who must have a role that may chat', async () => {
      expect((await server.fetch('/api/usage')).status).toBe(401);
      expect((await server.fetch('/api/usage', await server.signIn('Pia', 'pending'))).status).toBe(403);
    });
  });

  it('is counted for admins, with the cost of today', async () => {
    const admin = await server.signIn('Root', 'admin');
    const counts = await (await server.fetch('/api/admin/dashboard', admin)).json();
    expect(counts).toMatchObject({ tokensToday: expect.any(Number), currency: 'EUR' });
    expect((counts as { costMicrosToday: number }).costMicrosToday).toBeGreaterThan(1_000);
  });

  it('can be computed from the prices in the list of models', async () => {
    const models = await (await server.fetch('/api/models', person)).json();
    expect(models).toEqual({
      items: [{ id: 'test-model', price: { input: 2, output: 8 } }, { id: 'other-model' }],
      currency: 'EUR',
      nextCursor: null,
    });
  });

  it('is described by the OpenAPI document, with its schemas', async () => {
    const api = (await (await server.fetch('/api/docs-json')).json()) as {
      paths: Record<string, { get: { parameters?: { name: string }[]; responses: { 200: object } } }>;
      components: { schemas: Record<string, object> };
    };
    const route = api.paths['/api/usage']?.get;
    expect(route?.parameters?.map(({ name }) => name).sort()).toEqual(['days', 'utcOffsetMinutes']);
    expect(JSON.stringify(route?.responses[200])).toContain('"#/components/schemas/UsageReport"');
    expect(JSON.stringify(api.components.schemas['UsageReport'])).toContain('"#/components/schemas/UsageDay"');
    expect(api.components.schemas['UsageDay']).toMatchObject({ properties: { costMicros: { type: 'integer' } } });
    expect(JSON.stringify(api.paths['/api/models']?.get.responses[200])).toContain('"#/components/schemas/ModelList"');
    expect(JSON.stringify(api.components.schemas['ModelList'])).toContain('price');
  });
});
