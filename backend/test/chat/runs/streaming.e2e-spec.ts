import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConversationEvent } from '../../../src/protocol/index.js';
import { says } from '../../../testing/model/script.js';
import { begin, foldAll, lastText, newMessage, stateOf } from '../../support/conversation.js';
import { until } from '../../support/test-client.js';
import { TestServer } from '../../support/test-server.js';

const numbers = (count: number): string[] => Array.from({ length: count }, (_, n) => `${n} `);

describe('a streaming reply', () => {
  let server: TestServer;
  beforeAll(async () => void (server = await TestServer.start()));
  afterAll(() => server[Symbol.asyncDispose]());

  it('[L1] [L3] reaches every tab in the same order, also a tab that opens in the middle', async () => {
    const person = await server.signIn('Ada');
    const first = await server.connect(person);
    const second = await server.connect(person);
    server.model.next(says(numbers(40), { delayMs: 10 }));
    const { conversationId, stream, runId } = await begin(first);
    const early = await second.subscribe(stream);
    await first.subscribe(stream);
    await second.event(stream, 'run.delta');

    const late = await server.connect(person);
    const snapshot = await late.subscribe(stream);
    if (snapshot.mode !== 'snapshot' || early.mode !== 'snapshot') throw new Error('expected snapshots');
    await Promise.all([first, second, late].map((tab) => tab.event(stream, 'run.finished')));

    for (const [tab, start] of [
      [second, early],
      [late, snapshot],
    ] as const) {
      const fresh = tab.eventsOf(stream).filter(({ seq }) => seq > start.seq);
      expect(fresh.map(({ seq }) => seq)).toEqual(fresh.map((_, index) => start.seq + 1 + index));
      const state = foldAll(stateOf(start), fresh as ConversationEvent[]);
      expect(lastText(state)).toBe(numbers(40).join(''));
      expect(state.messages.at(-1)).toMatchObject({ status: 'completed', runId });
    }
    const cursor = { epoch: early.epoch, seq: early.seq };
    const replay = await late.subscribe(stream, cursor);
    if (replay.mode !== 'events') throw new Error('expected events');
    expect(replay.events).toEqual(second.eventsOf(stream).filter(({ seq }) => seq > early.seq && seq <= replay.head));
    expect(conversationId).toBeDefined();
  });

  it('[L9] continues when every tab is closed', async () => {
    const person = await server.signIn('Bea');
    const tab = await server.connect(person);
    server.model.next(says(numbers(20), { delayMs: 10 }));
    const { stream } = await begin(tab);
    tab.close();

    const later = await server.connect(person);
    const state = await until(async () => {
      const { messages } = stateOf(await later.subscribe(stream));
      return messages.at(-1)?.status === 'completed' && messages;
    }, 'the answer is whole');
    expect(state.at(-1)?.text).toBe(numbers(20).join(''));
  });

  it('[L5] stopped from another tab, ends once, keeps its text and closes the connection to the model', async () => {
    const person = await server.signIn('Cleo');
    const [first, second] = [await server.connect(person), await server.connect(person)];
    const before = server.model.requests.length;
    server.model.next(says(numbers(2_000), { delayMs: 10 }));
    const { stream, runId } = await begin(first);
    await first.follow(stream);
    await first.event(stream, 'run.delta');

    await expect(second.command('run:stop', { runId })).resolves.toEqual({ status: 'stopped' });
    const finished = await first.event(stream, 'run.finished');
    expect(finished).toMatchObject({ status: 'stopped', runId });
    expect(finished.length).toBeGreaterThan(0);
    const request = server.model.requests[before];
    await Promise.race([request?.closed, delay(1_000).then(() => Promise.reject(new Error('still connected')))]);

    await expect(second.command('run:stop', { runId })).resolves.toEqual({ status: 'stopped' });
    const events = first.eventsOf(stream).filter(({ type }) => type.startsWith('run.'));
    expect(events.filter(({ type }) => type === 'run.finished')).toHaveLength(1);
    expect(events.at(-1)?.type).toBe('run.finished');
    const { messages } = stateOf(await second.subscribe(stream));
    expect(messages.at(-1)).toMatchObject({ status: 'stopped' });
    expect(messages.at(-1)?.text).toHaveLength(finished.length);
  });

  it('[L6] one clientMessageId makes one message and one call, however often it is sent', async () => {
    const person = await server.signIn('Dora');
    const tabs = await Promise.all([1, 2, 3].map(() => server.connect(person)));
    const before = server.model.requests.length;
    server.model.next(says(['once'], { delayMs: 50 }));
    const message = newMessage();
    const replies = await Promise.all(tabs.map((tab) => tab.command('message:send', message)));
    expect(new Set(replies.map(({ messageId, runId }) => `${messageId} ${runId}`)).size).toBe(1);
    expect(replies.filter(({ duplicate }) => !duplicate)).toHaveLength(1);

    const stream = `conversation:${message.conversationId}`;
    const tab = tabs[0] ?? (await server.connect(person));
    await tab.subscribe(stream);
    await until(async () => stateOf(await tab.subscribe(stream)).messages[1]?.status === 'completed', 'answered');
    await expect(tab.command('message:send', message)).resolves.toMatchObject({ duplicate: true });
    expect(stateOf(await tab.subscribe(stream)).messages).toHaveLength(2);
    expect(server.model.requests.length - before).toBe(1);
    await expect(tab.refused('message:send', { ...message, text: 'Other' })).resolves.toMatchObject({
      code: 'idempotency_mismatch',
      retryable: false,
    });
  });

  it('sends the whole branch to the model, in order', async () => {
    const person = await server.signIn('Eva');
    const tab = await server.connect(person);
    server.model.next(says(['Hello Eva']), says(['Still here']));
    const { conversationId, stream } = await begin(tab, 'I am Eva');
    await tab.follow(stream);
    await tab.event(stream, 'run.finished');
    const { runId } = await tab.command('message:send', newMessage('Who am I?', conversationId));
    await tab.event(stream, 'run.finished', (data) => data.runId === runId);
    const roles = server.model.requests.at(-1)?.body.messages.map(({ role, content }) => [role, content]);
    expect(roles?.slice(1)).toEqual([
      ['user', 'I am Eva'],
      ['assistant', 'Hello Eva'],
      ['user', 'Who am I?'],
    ]);
    expect(roles?.[0]?.[0]).toBe('system');
  });

  it('is limited to one per conversation, and two per user', async () => {
    const person = await server.signIn('Finn');
    const tab = await server.connect(person);
    const slow = says(numbers(500), { delayMs: 10 });
    server.model.next(slow, slow);
    const one = await begin(tab);
    await expect(tab.refused('message:send', newMessage('More', one.conversationId))).resolves.toMatchObject({
      code: 'run_active',
      retryable: true,
    });
    const two = await begin(tab);
    await expect(tab.refused('message:send', newMessage())).resolves.toMatchObject({ code: 'rate_limited' });
    for (const { runId } of [one, two]) await tab.command('run:stop', { runId });
  });
});
