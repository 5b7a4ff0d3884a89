import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { RetentionService } from '../../src/chat/conversations/retention.service.js';
import { Conversation } from '../../src/chat/conversations/conversation.entity.js';
import { Draft } from '../../src/chat/drafts/draft.entity.js';
import { DeletionsService } from '../../src/chat/conversations/deletions.service.js';
import { UsageEntry } from '../../src/chat/usage/usage-entry.entity.js';
import { Database } from '../../src/database/database.js';
import { userStream } from '../../src/protocol/index.js';
import { begin, newMessage, whenEnded, whenNamed } from '../support/conversation.js';
import { passTime } from '../support/pass-time.js';
import { held, queued } from '../support/queue.js';
import type { TestClient } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';

const DAY_MS = 86_400_000;

afterEach(() => {
  jest.restoreAllMocks();
});

const idsOf = (server: TestServer) =>
  server.get(Database).read(async (em) => (await em.find(Conversation, { deletedAt: null })).map(({ id }) => id));

/** Starts a conversation whose reply has ended. */
async function ended(tab: TestClient): Promise<string> {
  const { stream, conversationId } = await begin(tab);
  await whenNamed(tab, stream);
  return conversationId;
}

describe('RETENTION_DAYS', () => {
  it('deletes conversations that were not used for so long, and tells open tabs', async () => {
    await using server = await TestServer.start({ RETENTION_DAYS: '30' });
    const person = await server.signIn('Ada');
    const tab = await server.connect(person);
    const old = await ended(tab);
    const recent = await ended(tab);
    const { clock } = server.get(Database);
    await server.get(Database).write(async (em) => {
      await em.nativeUpdate(Conversation, { id: old }, { updatedAt: clock.now() - 31 * DAY_MS });
      await em.nativeUpdate(Conversation, { id: recent }, { updatedAt: clock.now() - 29 * DAY_MS });
    });
    await tab.subscribe(userStream(person.userId));
    await tab.subscribe(`conversation:${old}`);
    expect(await server.get(RetentionService).deleteUnused()).toBe(1);
    expect(await tab.event(userStream(person.userId), 'conversation.deleted')).toEqual({ id: old });
    expect(await tab.event(`conversation:${old}`, 'conversation.deleted')).toEqual({ id: old });
    expect(await idsOf(server)).toEqual([recent]);
    expect(await server.get(RetentionService).deleteUnused()).toBe(0);
    // The rows are removed like those of any deletion, and the usage stays.
    passTime(clock, DAY_MS);
    await server.get(DeletionsService).purge();
    expect(await server.get(Database).read((em) => em.count(Conversation))).toBe(1);
    expect(await server.get(Database).read((em) => em.count(UsageEntry))).toBe(2);
  });

  it('leaves conversations alone that have a running reply, a queue or a new draft', async () => {
    await using server = await TestServer.start({ RETENTION_DAYS: '1', MAX_RUNS_PER_USER: '5' });
    const tab = await server.connect(await server.signIn('Ada'));
    const drafted = await ended(tab);
    const withdrawn = await ended(tab);
    const answers = [held('One'), held('Two')];
    for (const { script } of answers) server.model.next(script);
    const running = await begin(tab);
    const waiting = await begin(tab);
    const next = await tab.command('message:send', queued(waiting.conversationId, 'Next'));
    expect(next.duplicate).toBe(false);
    await tab.command('draft:set', {
      conversationId: drafted,
      text: 'Not sent yet',
      origin: newMessage().clientMessageId,
    });
    const { clock } = server.get(Database);
    const later = { at: clock.now() + 2 * DAY_MS };
    await server.get(Database).write(async (em) => void (await em.nativeUpdate(Draft, { place: drafted }, later)));
    passTime(clock, 2 * DAY_MS);
    expect(await server.get(RetentionService).deleteUnused()).toBe(1);
    const kept = await idsOf(server);
    expect(kept.sort()).toEqual([drafted, running.conversationId, waiting.conversationId].sort());
    expect(kept).not.toContain(withdrawn);
    jest.restoreAllMocks();
    for (const answer of answers) answer.release();
    await whenEnded(tab, running.stream);
  });

  it('deletes nothing unless it is set, and is told to pages', async () => {
    await using server = await TestServer.start();
    const tab = await server.connect(await server.signIn('Ada'));
    const id = await ended(tab);
    passTime(server.get(Database).clock, 10_000 * DAY_MS);
    expect(await server.get(RetentionService).deleteUnused()).toBe(0);
    expect(await idsOf(server)).toEqual([id]);
    expect(await (await server.fetch('/api/meta')).json()).not.toHaveProperty('retentionDays');
    jest.restoreAllMocks();
    await using other = await TestServer.start({ RETENTION_DAYS: '90' });
    expect(await (await other.fetch('/api/meta')).json()).toMatchObject({ retentionDays: 90 });
  });
});
