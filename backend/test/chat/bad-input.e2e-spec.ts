import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Conversation } from '../../src/chat/conversations/conversation.entity.js';
import { Message } from '../../src/chat/messages/message.entity.js';
import { Database } from '../../src/database/database.js';
import { StreamEventRow } from '../../src/streams/stream.entities.js';
import { says } from '../../testing/model/script.js';
import { begin, newMessage } from '../support/conversation.js';
import type { TestClient } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';

describe('bad input', () => {
  let server: TestServer;
  let mine: TestClient;
  let stranger: TestClient;
  let foreign: Awaited<ReturnType<typeof begin>>;

  beforeAll(async () => {
    server = await TestServer.start();
    mine = await server.connect(await server.signIn('Ada'));
    stranger = await server.connect(await server.signIn('Mallory'));
    server.model.next(says(['Hi']));
    foreign = await begin(mine);
    await mine.subscribe(foreign.stream);
    // Its title is the last change that comes without a command.
    await mine.event(foreign.stream, 'conversation.updated', ({ title }) => title === 'A short title');
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const contents = (): Promise<string> =>
    server
      .get(Database)
      .read(async (em) =>
        JSON.stringify([
          await em.find(Conversation, { id: foreign.conversationId }),
          await em.find(Message, {}, { orderBy: { id: 'asc' } }),
          await em.count(StreamEventRow, { stream: foreign.stream }),
        ]),
      );

  it.each<[string, string, unknown, string]>([
    ['no payload', 'message:send', undefined, 'bad_request'],
    ['a text', 'message:send', 'hello', 'bad_request'],
    ['an unknown key', 'message:send', { ...newMessage(), admin: true }, 'bad_request'],
    ['a query instead of an id', 'run:stop', { runId: { $ne: null } }, 'bad_request'],
    ['a wrong type', 'message:send', { ...newMessage(), text: 5 }, 'bad_request'],
    ['an oversized text', 'message:send', newMessage('x'.repeat(33_000)), 'too_large'],
    ['a model that is not allowed', 'message:send', { ...newMessage(), model: 'gpt-99' }, 'bad_request'],
    ['a stream of no kind', 'stream:subscribe', { stream: 'secrets' }, 'not_found'],
    ['an event that does not exist', 'message:explode', {}, 'bad_request'],
    ['an empty list', 'conversation:update', [], 'bad_request'],
    ['a role that is none', 'admin:set-role', { userId: randomUUID(), role: 'god' }, 'bad_request'],
  ])('is refused and changes nothing: %s', async (_what, name, payload, code) => {
    const before = await contents();
    // The role is checked before the payload.
    const expected = name === 'admin:set-role' ? 'forbidden' : code;
    await expect(mine.refused(name, payload)).resolves.toMatchObject({ code: expected, retryable: false });
    expect(await contents()).toBe(before);
  });

  it('[A3] data of other users answers like data that does not exist', async () => {
    const { conversationId, stream, messageId, runId } = foreign;
    const before = await contents();
    const unknown = randomUUID();
    const pairs: [string, (id: string) => unknown, string, string][] = [
      ['stream:subscribe', (id) => ({ stream: `conversation:${id}` }), conversationId, unknown],
      ['message:edit', (id) => ({ clientMessageId: randomUUID(), messageId: id, text: 'x' }), messageId, unknown],
      ['message:regenerate', (id) => ({ clientMessageId: randomUUID(), messageId: id }), messageId, unknown],
      ['run:stop', (id) => ({ runId: id }), runId, unknown],
      ['conversation:update', (id) => ({ conversationId: id, title: 'Mine' }), conversationId, unknown],
      ['conversation:delete', (id) => ({ conversationId: id }), conversationId, unknown],
    ];
    for (const [name, payload, theirs, nobodys] of pairs) {
      const error = await stranger.refused(name, payload(theirs));
      expect([name, error.code]).toEqual([name, 'not_found']);
      expect(error).toEqual(await stranger.refused(name, payload(nobodys)));
    }
    await expect(stranger.refused('message:send', newMessage('Hi', conversationId))).resolves.toMatchObject({
      code: 'not_found',
    });
    expect(stranger.eventsOf(stream)).toEqual([]);
    expect(await contents()).toBe(before);
  });

  it('closes a socket that sends a frame over the limit', async () => {
    const tab = await server.connect(await server.signIn('Bulky'));
    tab.socket.emit('message:send', newMessage('x'.repeat(150_000)), () => undefined);
    await new Promise((resolve) => tab.socket.once('disconnect', resolve));
  });
});
