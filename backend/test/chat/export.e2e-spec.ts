import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { Conversation } from '../../src/chat/conversations/conversation.entity.js';
import { ExportService } from '../../src/chat/conversations/export.service.js';
import { Message } from '../../src/chat/messages/message.entity.js';
import { Database } from '../../src/database/database.js';
import type { Principal } from '../../src/common/handlers/principal.js';
import { type TestPerson, TestServer } from '../support/test-server.js';

const MESSAGES = 10_000;
/** The largest share that one turn of the event loop may have in the work for the file: one page, and a margin. */
const LARGEST_SHARE = 0.05;
/** Turns below this did nothing but measure. */
const BUSY_MS = 0.5;

describe('the export of a long conversation', () => {
  let server: TestServer;
  let person: TestPerson;
  let principal: Principal;
  const id = uuidv7();
  const ids = Array.from({ length: MESSAGES }, () => uuidv7());
  async function addConversation(added = uuidv7()): Promise<string> {
    await server.get(Database).write((em) =>
      em.insert(Conversation, {
        id: added,
        userId: person.userId,
        title: 'Long',
        titleSource: 'owner',
        pinned: false,
        archived: false,
        leafId: ids.at(-1) ?? null,
        settings: {},
        createdAt: 1,
        updatedAt: 1,
      }),
    );
    return added;
  }
  beforeAll(async () => {
    server = await TestServer.start();
    person = await server.signIn('Ada');
    principal = { userId: person.userId, sessionId: person.sessionId, role: 'user' };
    await addConversation(id);
    await server.get(Database).write(async (em) => {
      for (let at = 0; at < MESSAGES; at += 500) {
        await em.insertMany(
          Message,
          ids.slice(at, at + 500).map((messageId, n) => ({
            id: messageId,
            conversationId: id,
            userId: person.userId,
            parentId: ids[at + n - 1] ?? null,
            role: (at + n) % 2 === 0 ? ('user' as const) : ('assistant' as const),
            text: `message ${at + n} ${'of many words '.repeat(20)}`,
            status: 'completed' as const,
            createdAt: at + n + 1,
          })),
        );
      }
    });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('contains all messages in order, over HTTP', async () => {
    const json = await server.fetch(`/api/conversations/${id}/export?format=json`, person);
    expect(json.headers.get('content-type')).toMatch('application/json');
    const { version, conversation, messages, queue } = (await json.json()) as Record<string, { id: string }[]>;
    expect({ version, conversation, queue }).toMatchObject({
      version: 1,
      conversation: { id, title: 'Long' },
      queue: [],
    });
    expect(messages?.map((message) => message.id)).toEqual(ids);
    const markdown = await (await server.fetch(`/api/conversations/${id}/export`, person)).text();
    expect(markdown.startsWith('# Long\n\n## You, 1970-01-01T00:00:00.001Z\n\nmessage 0 of many words')).toBe(true);
    expect([...markdown.matchAll(/message (\d+) /g)].map(([, n]) => Number(n))).toEqual(ids.map((_, n) => n));
  });

  it.each(['markdown', 'json'] as const)('is written as %s without blocking the event loop', async (format) => {
    const state = { isOver: false };
    // CPU time of this thread between two turns of its loop: other processes do not affect it.
    const turns: number[] = [];
    const watching = (async () => {
      for (let before = process.threadCpuUsage(); !state.isOver;) {
        await nextTurn();
        const { user, system } = process.threadCpuUsage(before);
        turns.push((user + system) / 1_000);
        before = process.threadCpuUsage();
      }
    })();
    const { content } = await server.get(ExportService).export(principal, id, format);
    let parts = 0;
    try {
      for await (const part of content) parts += part.length > 0 ? 1 : 0;
    } finally {
      state.isOver = true;
      await watching;
    }
    expect(parts).toBeGreaterThan(MESSAGES / 100);
    expect(turns.length).toBeGreaterThan(parts);
    const busy = turns.filter((ms) => ms > BUSY_MS);
    const whole = busy.reduce((sum, ms) => sum + ms, 0);
    // Relative, because a busy machine needs longer for everything.
    expect(Math.max(...busy) / whole).toBeLessThan(LARGEST_SHARE);
  });

  it('stops when the reader closes it, and fails when messages disappear', async () => {
    const left = await server.get(ExportService).export(principal, id, 'markdown');
    for await (const part of left.content) if (part.length > 1_000) break;
    const broken = await server.get(ExportService).export(principal, id, 'json');
    const parts = broken.content[Symbol.asyncIterator]();
    await parts.next();
    const elsewhere = { conversationId: await addConversation() };
    const moved = { id: { $in: ids.slice(0, 10) } };
    await server.get(Database).write((em) => em.nativeUpdate(Message, moved, elsewhere));
    await expect(parts.next()).rejects.toMatchObject({ code: 'not_found' });
    await server.get(Database).write((em) => em.nativeUpdate(Message, moved, { conversationId: id }));
  });
});
