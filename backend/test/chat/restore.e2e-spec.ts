import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Conversation } from '../../src/chat/conversations/conversation.entity.js';
import { DeletionsService } from '../../src/chat/conversations/deletions.service.js';
import { Draft } from '../../src/chat/drafts/draft.entity.js';
import { Message } from '../../src/chat/messages/message.entity.js';
import { QueuedMessage } from '../../src/chat/queue/queued-message.entity.js';
import { Run } from '../../src/chat/runs/run.entity.js';
import { Database } from '../../src/database/database.js';
import {
  type ConversationEvent,
  type ConversationSummary,
  foldConversation,
  FoldMismatch,
  type Page,
  type UserState,
} from '../../src/protocol/index.js';
import { StreamEventRow } from '../../src/streams/stream.entities.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { says } from '../../testing/model/script.js';
import { begin, lastText, newMessage, stateOf, whenNamed } from '../support/conversation.js';
import { createTestDatabase } from '../support/test-database.js';
import { type TestClient, until } from '../support/test-client.js';
import { type TestPerson, TestServer } from '../support/test-server.js';

describe('a deleted conversation', () => {
  let server: TestServer;
  let person: TestPerson;
  let tab: TestClient;
  let mine: string;
  beforeAll(async () => {
    server = await TestServer.start();
    person = await server.signIn('Ada');
    tab = await server.connect(person);
    mine = `user:${person.userId}`;
    await tab.subscribe(mine);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** An answered conversation with a title. */
  async function answered(text = 'Hello') {
    const begun = await begin(tab, text);
    await whenNamed(tab, begun.stream);
    return begun;
  }
  const sidebar = async (): Promise<readonly ConversationSummary[]> => {
    const result = await tab.subscribe(mine);
    if (result.mode !== 'snapshot') throw new Error('expected a snapshot');
    return (result.state as UserState).conversations;
  };
  const listed = async (q = ''): Promise<readonly string[]> => {
    const response = await server.fetch(`/api/conversations?q=${q}`, person);
    return ((await response.json()) as Page<ConversationSummary>).items.map(({ id }) => id);
  };

  it('is not found by any command, route or search', async () => {
    const { conversationId, stream, messageId, runId } = await answered('The word is Zymurgy');
    const reply = stateOf(await tab.subscribe(stream)).messages.at(-1)?.id ?? '';
    await tab.command('conversation:delete', { conversationId });
    expect(await listed()).not.toContain(conversationId);
    expect(await listed('zymurgy')).toEqual([]);
    expect((await sidebar()).map(({ id }) => id)).not.toContain(conversationId);
    const path = `/api/conversations/${conversationId}`;
    for (const one of [path, `${path}/messages`, `${path}/export`]) {
      expect([one, (await server.fetch(one, person)).status]).toEqual([one, 404]);
    }
    expect((await server.fetch(path, person, { method: 'DELETE' })).status).toBe(404);
    const clientMessageId = randomUUID();
    const commands: [string, object][] = [
      ['stream:subscribe', { stream }],
      ['message:send', newMessage('Still?', conversationId)],
      ['message:send', { ...newMessage('Still?', conversationId), queue: true }],
      ['message:edit', { clientMessageId, messageId, text: 'x' }],
      ['message:regenerate', { clientMessageId, messageId: reply }],
      ['message:continue', { clientMessageId, messageId: reply }],
      ['message:rate', { messageId: reply, rating: 'up' }],
      ['run:stop', { runId }],
      ['draft:set', { conversationId, text: 'x', origin: randomUUID() }],
      ['conversation:update', { conversationId, title: 'x' }],
      ['conversation:delete', { conversationId }],
    ];
    for (const [name, payload] of commands) {
      expect([name, (await tab.refused(name, payload)).code]).toEqual([name, 'not_found']);
    }
    // Its texts are no longer in the log.
    const events = await server.get(Database).read((em) => em.find(StreamEventRow, { stream }));
    expect(events.map(({ type }) => type)).toEqual(['conversation.deleted']);
  });

  it('is restored unchanged, in every tab', async () => {
    const { conversationId, stream } = await answered();
    await tab.command('draft:set', { conversationId, text: 'Unsent', origin: randomUUID() });
    await tab.command('conversation:update', { conversationId, pinned: true });
    const before = await tab.subscribe(stream);
    const summary = (await sidebar()).find(({ id }) => id === conversationId);
    await tab.command('conversation:delete', { conversationId });
    const restored = await tab.command('conversation:restore', { conversationId });
    expect(restored).toEqual(stateOf(before).conversation);
    const isIt = ({ id }: { id: string }) => id === conversationId;
    const added = await tab.event(mine, 'conversation.added', (data) => isIt(data) && data.pinned);
    expect(added).toEqual(summary);
    expect((await sidebar()).find(isIt)).toEqual(summary);
    expect(await listed()).toContain(conversationId);
    const after = await tab.subscribe(stream);
    expect(stateOf(after)).toEqual(stateOf(before));

    // Subscribers have to subscribe again; a cursor from before the deletion gets a snapshot, a later one gets events.
    await tab.event(stream, 'conversation.restored');
    const events = tab.eventsOf(stream).slice(-2) as unknown as ConversationEvent[];
    expect(events.map(({ type }) => type)).toEqual(['conversation.deleted', 'conversation.restored']);
    const [deleted, back] = events;
    if (!deleted || !back) throw new Error('two events');
    const view = foldConversation(stateOf(before), deleted);
    expect(view).toBe('deleted');
    expect(() => foldConversation(view, back)).toThrow(FoldMismatch);
    if (before.mode !== 'snapshot' || after.mode !== 'snapshot') throw new Error('expected snapshots');
    const { epoch } = after;
    for (const seq of [1, before.seq, after.seq - 1]) {
      expect(await tab.subscribe(stream, { epoch, seq })).toMatchObject({ mode: 'snapshot', seq: after.seq });
    }
    expect(await tab.subscribe(stream, { epoch, seq: after.seq })).toMatchObject({ mode: 'events', events: [] });

    // It can be continued, and deleted again. Restoring twice has the effect of once.
    expect(await tab.command('conversation:restore', { conversationId })).toEqual(restored);
    const { runId } = await tab.command('message:send', newMessage('On we go', conversationId));
    await tab.event(stream, 'run.finished', (end) => end.runId === runId);
    expect(stateOf(await tab.subscribe(stream)).messages).toHaveLength(4);
    const types = tab.eventsOf(stream).map(({ type }) => type);
    expect(types.filter((type) => type === 'conversation.restored')).toHaveLength(1);
    await tab.command('conversation:delete', { conversationId });
    expect(await tab.refused('stream:subscribe', { stream })).toMatchObject({ code: 'not_found' });
  });

  it('[L5] is restored with the partial reply, when it was deleted during an answer', async () => {
    server.model.next(async (answer) => {
      await answer.text('As far as this');
      await answer.stall();
    });
    const { conversationId, stream, runId } = await begin(tab);
    await tab.subscribe(stream);
    const isSaid = async () => lastText(stateOf(await tab.subscribe(stream))) === 'As far as this';
    await until(isSaid, 'something was said');
    const waiting = await tab.command('message:send', { ...newMessage('Next', conversationId), queue: true });
    await tab.command('conversation:delete', { conversationId });
    await tab.command('conversation:restore', { conversationId });
    const { messages } = stateOf(await tab.subscribe(stream));
    expect(messages[1]).toMatchObject({ text: 'As far as this', status: 'stopped', runId });
    const ends = tab
      .eventsOf(stream)
      .filter(({ type, data }) => type === 'run.finished' && 'runId' in data && data.runId === runId);
    expect(ends).toHaveLength(1);
    // Its reply was stopped: after the restore the queued messages are sent.
    await tab.event(stream, 'run.finished', (end) => end.runId === waiting.runId);
  });

  it('[A3] cannot be restored by other users, nor without having existed', async () => {
    const { conversationId } = await answered();
    await tab.command('conversation:delete', { conversationId });
    const stranger = await server.connect(await server.signIn('Mallory'));
    const foreign = await stranger.refused('conversation:restore', { conversationId });
    expect(foreign).toMatchObject({ code: 'not_found' });
    expect(await stranger.refused('conversation:restore', { conversationId: randomUUID() })).toEqual(foreign);
    expect(await stranger.refused('message:send', newMessage('Mine', conversationId))).toMatchObject({
      code: 'not_found',
    });
  });
});

describe('after the time limit for undoing a deletion', () => {
  it('nothing is left of the conversation, and it cannot be restored', async () => {
    await using database = await createTestDatabase();
    await using model = await ModelServer.start();
    const first = await TestServer.start({}, { database, model });
    const person = await first.signIn('Ada');
    const tab = await first.connect(person);
    model.next(says(['Keep me']));
    const kept = await begin(tab, 'Keep');
    await whenNamed(tab, kept.stream);
    model.next((answer) => answer.stall());
    const gone = await begin(tab, 'Delete');
    const { conversationId } = gone;
    await tab.command('message:send', { ...newMessage('Queued', conversationId), queue: true });
    const origin = randomUUID();
    for (const id of [conversationId, kept.conversationId]) {
      await tab.command('draft:set', { conversationId: id, text: 'Unsent', origin });
    }
    await tab.command('conversation:delete', { conversationId });
    const left = (server: TestServer, id: string) =>
      server
        .get(Database)
        .read(async (em) => [
          await em.count(Conversation, { id }),
          await em.count(Message, { conversationId: id }),
          await em.count(Run, { conversationId: id }),
          await em.count(QueuedMessage, { conversationId: id }),
          await em.count(Draft, { place: id }),
        ]);
    await first.get(DeletionsService).purge();
    expect(await left(first, conversationId)).toEqual([1, 2, 1, 1, 1]);
    await first[Symbol.asyncDispose]();

    // The limit is checked at start, among other times.
    await using second = await TestServer.start({ DELETED_KEEP_MS: '1' }, { database, model });
    expect(await left(second, conversationId)).toEqual([0, 0, 0, 0, 0]);
    expect(await left(second, kept.conversationId)).toEqual([1, 2, 1, 0, 1]);
    const again = await second.connect(second.renew(person));
    for (const [name, payload] of [
      ['conversation:restore', { conversationId }],
      ['message:send', newMessage('Still?', conversationId)],
    ] as const) {
      expect([name, (await again.refused(name, payload)).code]).toEqual([name, 'not_found']);
    }

    // Past the limit it cannot be restored, even while its rows still exist.
    await again.command('conversation:delete', { conversationId: kept.conversationId });
    const deletedAt = Date.now() - 10_000;
    await second.get(Database).write((em) => em.nativeUpdate(Conversation, { id: kept.conversationId }, { deletedAt }));
    const late = await again.refused('conversation:restore', { conversationId: kept.conversationId });
    expect(late).toMatchObject({ code: 'not_found' });
    await second.get(DeletionsService).purge();
    expect(await left(second, kept.conversationId)).toEqual([0, 0, 0, 0, 0]);
  });
});
