import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Draft } from '../../src/chat/drafts/draft.entity.js';
import { Database } from '../../src/database/database.js';
import type { Draft as DraftView, StreamEvent, UserState } from '../../src/protocol/index.js';
import { CompactorService } from '../../src/streams/compaction/compactor.service.js';
import { StreamEventRow } from '../../src/streams/stream.entities.js';
import { begin, newMessage, stateOf, whenEnded, whenNamed } from '../support/conversation.js';
import type { TestClient } from '../support/test-client.js';
import { type TestPerson, TestServer } from '../support/test-server.js';

describe('a draft', () => {
  let server: TestServer;
  let person: TestPerson;
  let tab: TestClient;
  let other: TestClient;
  let mine: string;
  beforeAll(async () => {
    server = await TestServer.start();
  });
  beforeEach(async () => {
    person = await server.signIn('Ada');
    [tab, other] = [await server.connect(person), await server.connect(person)];
    mine = `user:${person.userId}`;
    await tab.subscribe(mine);
    await other.subscribe(mine);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const origin = randomUUID();
  const set = (conversationId: string | null, text: string, from = origin) =>
    tab.command('draft:set', { conversationId, text, origin: from });
  const draftOf = async (stream: string): Promise<DraftView | null> => {
    const result = await other.subscribe(stream);
    if (result.mode !== 'snapshot') throw new Error('expected a snapshot');
    return (result.state as UserState).draft;
  };
  /** The events of the other tab. A reply follows all events that were committed before it. */
  const changes = async (stream: string): Promise<StreamEvent['data'][]> => {
    await other.subscribe(stream);
    return other.eventsOf(stream).flatMap(({ type, data }) => (type === 'draft.changed' ? [data] : []));
  };

  /** An answered conversation with a title. */
  async function answered() {
    const begun = await begin(tab);
    await whenNamed(tab, begun.stream);
    await other.subscribe(begun.stream);
    return begun;
  }

  it('reaches every tab of its user, in a conversation and before one has begun', async () => {
    const { conversationId, stream } = await answered();
    for (const [place, where] of [
      [conversationId, stream],
      [null, mine],
    ] as const) {
      await set(place, 'Dear');
      await set(place, 'Dear diary');
      expect(await draftOf(where)).toEqual({ text: 'Dear diary', origin, at: expect.any(Number) });
      expect(await changes(where)).toMatchObject([
        { text: 'Dear', origin },
        { text: 'Dear diary', origin },
      ]);
    }
  });

  it('is published only when it changes, and removed when it is empty', async () => {
    const { conversationId, stream } = await answered();
    for (const [place, where] of [
      [conversationId, stream],
      [null, mine],
    ] as const) {
      for (const text of ['', 'One', 'One', 'Two', '', '']) await set(place, text);
      await set(place, 'Two', randomUUID());
      await set(place, 'Two');
      expect(await changes(where)).toMatchObject([{ text: 'One' }, { text: 'Two' }, { text: '' }, { text: 'Two' }]);
      await set(place, '');
      expect(await draftOf(where)).toBeNull();
    }
    expect(await server.get(Database).read((em) => em.count(Draft, { userId: person.userId }))).toBe(0);
  });

  it('the last of several concurrent ones wins in every tab', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, n) => set(null, `Text ${n}`)));
    const events = await changes(mine);
    expect(events).toHaveLength(20);
    expect(await draftOf(mine)).toEqual(events.at(-1));
  });

  it('is cleared by the message that it became, in the same transaction, and by no other', async () => {
    await set(null, '  Hello there ');
    const first = newMessage('Hello there');
    const { conversationId } = first;
    const stream = `conversation:${conversationId}`;
    await tab.command('message:send', first);
    expect(await draftOf(mine)).toBeNull();
    // The sender knows `origin`; to every other tab it is a remote edit.
    const cleared = { text: '', origin: first.clientMessageId };
    expect(await other.event(mine, 'draft.changed', ({ text }) => text === '')).toMatchObject(cleared);
    const at = other
      .eventsOf(mine)
      .findIndex(({ type, data }) => type === 'draft.changed' && 'text' in data && data.text === '');
    expect(other.eventsOf(mine)[at + 1]).toMatchObject({
      type: 'conversation.added',
      at: other.eventsOf(mine)[at]?.at,
    });
    await whenEnded(tab, stream);
    await other.subscribe(stream);

    await set(conversationId, 'Typed meanwhile');
    await set(null, 'Elsewhere');
    const second = newMessage('Something else', conversationId);
    const sent = await tab.command('message:send', second);
    await tab.event(stream, 'run.finished', (end) => end.runId === sent.runId);
    expect(await draftOf(stream)).toMatchObject({ text: 'Typed meanwhile' });
    await set(conversationId, 'Something else');
    await tab.command('message:send', second);
    expect(await draftOf(stream)).toMatchObject({ text: 'Something else' });
    server.model.next((answer) => answer.stall());
    const running = await tab.command('message:send', newMessage('Something else', conversationId));
    expect(await draftOf(stream)).toBeNull();
    // A queued message has left the composer too.
    await set(conversationId, 'Next');
    await tab.command('message:send', { ...newMessage('Next', conversationId), queue: true });
    expect(await draftOf(stream)).toBeNull();
    expect(await draftOf(mine)).toMatchObject({ text: 'Elsewhere' });
    await tab.command('run:stop', { runId: running.runId });
  });

  it('[A3] cannot be set in a conversation of another user, an unknown one, or one with the id of a user', async () => {
    const { conversationId, stream } = await answered();
    await set(conversationId, 'Secret');
    await set(null, 'Secret too');
    const stranger = await server.connect(await server.signIn('Mallory'));
    const draft = (id: string) => ({ conversationId: id, text: 'Mine', origin });
    const foreign = await stranger.refused('draft:set', draft(conversationId));
    expect(foreign).toMatchObject({ code: 'not_found' });
    expect(await stranger.refused('draft:set', draft(randomUUID()))).toEqual(foreign);
    expect(await stranger.refused('draft:set', draft(person.userId))).toEqual(foreign);
    const pretends = newMessage('Hi', person.userId);
    expect(await stranger.refused('message:send', pretends)).toMatchObject({ code: 'not_found' });
    const tooLong = { ...draft(conversationId), text: 'x'.repeat(33_000) };
    expect(await tab.refused('draft:set', tooLong)).toMatchObject({ code: 'too_large' });
    expect(await draftOf(stream)).toMatchObject({ text: 'Secret' });
    expect(await draftOf(mine)).toMatchObject({ text: 'Secret too' });
  });

  it('is removed from the log soon, however often it changes', async () => {
    const { conversationId, stream } = await answered();
    for (let n = 0; n < 100; n += 1) await set(conversationId, 'x'.repeat(n + 1));
    const kept = () => server.get(Database).read((em) => em.count(StreamEventRow, { stream, type: 'draft.changed' }));
    expect(await kept()).toBe(100);
    await server.get(CompactorService).compact(Date.now() + 1_000);
    expect(await kept()).toBe(0);
    expect(stateOf(await other.subscribe(stream)).draft).toMatchObject({ text: 'x'.repeat(100) });
  });
});

it('drafts count among the commands that a socket may send', async () => {
  await using server = await TestServer.start({ MAX_EVENTS_PER_SECOND: '1', MAX_EVENTS_BURST: '12' });
  const tab = await server.connect(await server.signIn('Ada'));
  // Below three times the burst, at which the socket would be closed.
  const draft = (text: string) => tab.raw('draft:set', { conversationId: null, text, origin: randomUUID() });
  const replies = await Promise.all(Array.from({ length: 30 }, (_, n) => draft(`${n}`)));
  const refused = replies.flatMap((reply) => (reply.ok ? [] : [reply.error.code]));
  expect(new Set(refused)).toEqual(new Set(['rate_limited']));
  expect(refused.length).toBeGreaterThan(10);
});
