import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type User, userStream } from '../../src/protocol/index.js';
import { refuses, says } from '../../testing/model/script.js';
import { begin, newMessage, stateOf, whenEnded, whenNamed } from '../support/conversation.js';
import { held, queued } from '../support/queue.js';
import { until } from '../support/test-client.js';
import { type TestPerson, TestServer } from '../support/test-server.js';
import { budgetOf, money, refusedUntil, setBudget, tokens, used } from './budgets.js';

const DAY_MS = 86_400_000;
const MILLION = 1_000_000;

let server: TestServer;
let ada: TestPerson;
beforeAll(async () => {
  server = await TestServer.start({
    MODEL_PRICES: '{"test-model": {"input": 2, "output": 8}}',
    MAX_RUNS_PER_USER: '3',
  });
  ada = await server.signIn('Ada', 'admin');
});
afterAll(() => server[Symbol.asyncDispose]());

const set = (subject: string | TestPerson, budget: Parameters<typeof setBudget>[3]) =>
  setBudget(server, ada, subject, budget);
const ids = () => ({ clientMessageId: randomUUID() });
const nextMidnight = (now = Date.now()): number => now - (now % DAY_MS) + DAY_MS;

describe('a message over the budget', () => {
  it('is refused in every way, with when it begins anew, and the model is not called', async () => {
    const bob = await server.signIn('Bob');
    const tab = await server.connect(bob);
    server.model.next(says(['Whole'], used(600, 400)));
    const first = await begin(tab);
    const state = await whenNamed(tab, first.stream);
    server.model.next(async (answer) => {
      await answer.text('Half');
      answer.end();
    });
    await tab.command('message:send', newMessage('Go on', first.conversationId));
    const half = (await whenEnded(tab, first.stream)).messages.at(-1);
    await set(bob, tokens(1_000));
    const before = server.model.requests.length;
    const { conversationId } = first;
    const refusal = { code: 'budget_exceeded', retryable: false, resetsAt: nextMidnight() };
    for (const [name, payload] of [
      ['message:send', newMessage()],
      ['message:send', { ...newMessage('Into the queue', conversationId), queue: true }],
      ['message:edit', { ...ids(), messageId: first.messageId, text: 'Edited' }],
      ['message:regenerate', { ...ids(), messageId: state.messages.at(-1)?.id }],
      ['message:continue', { ...ids(), messageId: half?.id }],
    ] as const) {
      expect([name, await tab.refused(name, payload)]).toEqual([name, expect.objectContaining(refusal)]);
    }
    const response = await server.fetch('/api/chat', bob, { method: 'POST', body: JSON.stringify({ message: 'Hi' }) });
    expect(response.status).toBe(429);
    expect(await response.json()).toMatchObject({ code: 'budget_exceeded', resetsAt: nextMidnight() });
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(server.model.requests).toHaveLength(before);
    expect((await whenEnded(tab, first.stream)).messages.at(-1)).toEqual(half);
    expect(await budgetOf(server, bob)).toMatchObject({ standing: { day: { limit: 1_000, reserved: 0 } } });
  });

  it('is told to all tabs, also later ones, until an admin raises the budget; then the next one passes', async () => {
    const cy = await server.signIn('Cy');
    const [tab, other] = [await server.connect(cy), await server.connect(cy)];
    const stream = userStream(cy.userId);
    await other.subscribe(stream);
    await set('user', tokens(0));
    const message = newMessage();
    await tab.refused('message:send', message);
    await other.event(stream, 'user.updated', (user) => (user as User).budgetResetsAt === nextMidnight());
    await tab.refused('message:send', message);
    expect(other.eventsOf(stream).filter(({ type }) => type === 'user.updated')).toHaveLength(1);
    expect(await refusedUntil(await server.connect(cy), cy)).toBe(nextMidnight());

    await set('user', tokens(100_000));
    await other.event(stream, 'user.updated', (user) => (user as User).budgetResetsAt === undefined);
    expect(await refusedUntil(await server.connect(cy), cy)).toBeUndefined();
    await tab.command('message:send', message);
    await set('user', null);
  });

  it('counts the cost in a budget of money, and models without a price for nothing', async () => {
    const eve = await server.signIn('Eve');
    const tab = await server.connect(eve);
    // 1,000 tokens at 2 and 500 at 8 a million cost 6,000 millionths.
    server.model.next(says(['Yes'], used(1_000, 500)));
    const { stream } = await begin(tab);
    await whenEnded(tab, stream);
    await set(eve, money(6_000));
    expect(await budgetOf(server, eve)).toMatchObject({
      standing: { unit: 'money', day: { limit: 6_000, used: 6_000 } },
    });
    expect(await tab.refused('message:send', newMessage())).toMatchObject({ code: 'budget_exceeded' });
    server.model.next(says(['For nothing'], used(MILLION, MILLION)));
    const free = newMessage();
    await tab.command('message:send', { ...free, model: 'other-model' });
    await whenEnded(tab, `conversation:${free.conversationId}`);
    expect(await budgetOf(server, eve)).toMatchObject({ standing: { day: { used: 6_000, reserved: 0 } } });
  });
});

describe('an active run', () => {
  it('reserves its prompt and the longest reply, and settles what it has used', async () => {
    const fay = await server.signIn('Fay');
    await set(fay, tokens(20_000));
    const tab = await server.connect(fay);
    await tab.subscribe(userStream(fay.userId));
    const answer = held('A long one');
    server.model.next(answer.script);
    const message = { ...newMessage('x'.repeat(3_000)), settings: { maxOutputTokens: 2_000 } };
    await tab.command('message:send', message);
    await tab.event(userStream(fay.userId), 'budget.changed');
    const { standing } = await budgetOf(server, fay);
    // 1,000 tokens of text, some for the instructions, and 2,000 for the reply.
    expect(standing?.day).toMatchObject({ limit: 20_000, used: 0 });
    expect(standing?.day?.reserved).toBeGreaterThan(3_000);
    expect(standing?.day?.reserved).toBeLessThan(4_000);
    answer.release();
    await whenEnded(tab, `conversation:${message.conversationId}`);
    expect((await budgetOf(server, fay)).standing?.day).toMatchObject({ used: 8, reserved: 0 });
    await until(
      () => tab.eventsOf(userStream(fay.userId)).filter(({ type }) => type === 'budget.changed').length === 2,
      'the profile page is told of the end',
    );
  });

  it('leaves no room for a second one at once that would pass the budget', async () => {
    const gus = await server.signIn('Gus');
    await set(gus, tokens(1_000));
    const [one, two] = [await server.connect(gus), await server.connect(gus)];
    const answer = held('At once');
    server.model.next(answer.script);
    const outcomes = await Promise.allSettled([one, two].map((tab) => tab.command('message:send', newMessage())));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    // The reply may have any length, so it reserves all that is left of a small budget.
    expect((await budgetOf(server, gus)).standing?.day).toMatchObject({ used: 0, reserved: 1_000 });
    expect(await refusedUntil(two, gus)).toBe(nextMidnight());
    answer.release();
    // Less was used than reserved: the sentence goes, and the next message passes.
    await until(async () => (await refusedUntil(two, gus)) === undefined, 'the sentence goes');
    const { stream } = await begin(two);
    await whenEnded(two, stream);
  });

  it('ends normally when the budget is lowered, and the next one is judged anew', async () => {
    const hal = await server.signIn('Hal');
    await set(hal, tokens(100_000));
    const tab = await server.connect(hal);
    const answer = held('In the middle');
    server.model.next(answer.script);
    const { conversationId, stream } = await begin(tab);
    await set(hal, tokens(1));
    answer.release();
    expect((await whenEnded(tab, stream)).messages.at(-1)).toMatchObject({
      status: 'completed',
      text: 'In the middle',
    });
    expect(await tab.refused('message:send', newMessage('Next', conversationId))).toMatchObject({
      code: 'budget_exceeded',
    });
    await set(hal, tokens(100_000));
    await tab.command('message:send', newMessage('Next', conversationId));
  });

  it('that is stopped or fails has no reservation left', async () => {
    const ida = await server.signIn('Ida');
    await set(ida, tokens(50_000));
    const tab = await server.connect(ida);
    server.model.next((answer) => answer.stall());
    const { runId, stream } = await begin(tab);
    expect((await budgetOf(server, ida)).standing?.day?.reserved).toBeGreaterThan(4_000);
    await tab.command('run:stop', { runId });
    expect((await budgetOf(server, ida)).standing?.day).toMatchObject({ used: 0, reserved: 0 });
    server.model.next(refuses(401));
    const failed = await begin(tab);
    await whenEnded(tab, failed.stream);
    expect((await budgetOf(server, ida)).standing?.day).toMatchObject({ used: 0, reserved: 0 });
    await whenEnded(tab, stream);
  });
});

describe('a queued message over the budget', () => {
  it('stays in the queue, is told to the tabs, and is sent when an admin raises the budget', async () => {
    const jim = await server.signIn('Jim');
    await set(jim, tokens(20_000));
    const tab = await server.connect(jim);
    const answer = held('First');
    server.model.next(answer.script);
    const { conversationId, stream } = await begin(tab);
    const sent = await tab.command('message:send', queued(conversationId, 'Later'));
    expect(sent.queued).toBe(true);
    await set(jim, tokens(2));
    answer.release();
    await whenEnded(tab, stream);
    await until(async () => (await refusedUntil(tab, jim)) === nextMidnight(), 'the refusal is noted');
    expect(await tab.refused('queue:send', { messageId: sent.messageId })).toMatchObject({
      code: 'budget_exceeded',
      resetsAt: nextMidnight(),
    });
    const state = stateOf(await tab.subscribe(stream));
    expect([state.queue.map(({ text }) => text), state.messages.length]).toEqual([['Later'], 2]);
    await set(jim, tokens(20_000));
    await until(async () => stateOf(await tab.subscribe(stream)).messages.length === 4, 'the message is sent');
    expect(await refusedUntil(tab, jim)).toBeUndefined();
    await whenEnded(tab, stream);
  });
});
