import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DispatchService } from '../../../src/chat/queue/dispatch.service.js';
import { Run } from '../../../src/chat/runs/run.entity.js';
import { Database } from '../../../src/database/database.js';
import { type ConversationEvent, type ConversationState, MAX_QUEUE_LENGTH } from '../../../src/protocol/index.js';
import { User } from '../../../src/users/user.entity.js';
import { says } from '../../../testing/model/script.js';
import { held, queued } from '../../support/queue.js';
import { begin, foldAll, newMessage, stateOf } from '../../support/conversation.js';
import { type TestClient, until } from '../../support/test-client.js';
import { TestServer } from '../../support/test-server.js';

describe('a queue', () => {
  let server: TestServer;
  let tab: TestClient;
  beforeAll(async () => {
    server = await TestServer.start();
  });
  // MAX_RUNS_PER_USER counts per user, so each test has its own.
  beforeEach(async () => {
    tab = await server.connect(await server.signIn('Ada'));
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const state = async (stream: string, reader = tab): Promise<ConversationState> =>
    stateOf(await reader.subscribe(stream));
  const texts = async (stream: string) => (await state(stream)).messages.map(({ text }) => text);
  const finished = (stream: string, runId: string) => tab.event(stream, 'run.finished', (end) => end.runId === runId);

  /** A conversation whose first reply is being written. */
  async function busy(answer = held('First answer')) {
    server.model.next(answer.script);
    const begun = await begin(tab, 'First');
    await tab.subscribe(begun.stream);
    return { ...begun, answer };
  }

  it('[L4] keeps messages while a reply is written, and sends them in order, with their ids', async () => {
    const { conversationId, stream, answer } = await busy();
    const before = await tab.subscribe(stream);
    const second = queued(conversationId, 'Second');
    const third = { ...queued(conversationId, 'Third'), model: 'other-model' };
    const promised = [await tab.command('message:send', second), await tab.command('message:send', third)];
    for (const sent of promised) expect(sent).toMatchObject({ duplicate: false, queued: true });
    const waiting = await state(stream);
    expect(waiting.queue).toEqual([
      {
        id: promised[0]?.messageId,
        clientMessageId: second.clientMessageId,
        text: 'Second',
        createdAt: expect.any(Number),
      },
      {
        id: promised[1]?.messageId,
        clientMessageId: third.clientMessageId,
        text: 'Third',
        model: 'other-model',
        createdAt: expect.any(Number),
      },
    ]);
    expect(waiting.messages).toHaveLength(2);

    server.model.next(says(['Second answer']), says(['Third answer']));
    answer.release();
    for (const { runId } of promised) expect(await finished(stream, runId)).toMatchObject({ status: 'completed' });
    const after = await state(stream);
    expect(after.queue).toEqual([]);
    expect(after.messages.map(({ text }) => text)).toEqual([
      'First',
      'First answer',
      'Second',
      'Second answer',
      'Third',
      'Third answer',
    ]);
    expect(after.messages.map(({ parentId }) => parentId)).toEqual([
      null,
      ...after.messages.slice(0, -1).map(({ id }) => id),
    ]);
    for (const [index, { messageId, runId }] of promised.entries()) {
      const clientMessageId = [second, third][index]?.clientMessageId;
      expect(after.messages[2 + 2 * index]).toMatchObject({ id: messageId, clientMessageId });
      expect(after.messages[3 + 2 * index]).toMatchObject({ runId });
    }
    expect(after.messages.at(-1)?.model).toBe('other-model');
    const events = tab.eventsOf(stream);
    const since = before.mode === 'snapshot' ? before.seq : 0;
    const missed = events.filter(({ seq }) => seq > since) as unknown as ConversationEvent[];
    expect(foldAll(stateOf(before), missed)).toEqual(after);
    // It leaves the queue and enters the thread in one transaction: no tab shows it twice or not at all.
    const at = events.findIndex(({ type }) => type === 'queue.removed');
    expect(events.slice(at, at + 4).map(({ type }) => type)).toEqual([
      'queue.removed',
      'message.added',
      'message.added',
      'run.started',
    ]);
  });

  it('continues after a stop, and [L9] without any tab', async () => {
    const { conversationId, stream, runId } = await busy();
    const sent = await tab.command('message:send', queued(conversationId, 'Second'));
    const last = await tab.command('message:send', queued(conversationId, 'Third'));
    const slow = held('Second answer');
    server.model.next(slow.script, says(['Third answer']));
    expect(await tab.command('run:stop', { runId })).toEqual({ status: 'stopped' });
    await tab.event(stream, 'run.started', (started) => started.runId === sent.runId);
    const asked = server.model.requests.length;
    tab.socket.disconnect();
    slow.release();
    await until(() => server.model.requests.length > asked, 'the third was sent');
    tab.socket.connect();
    await tab.connected();
    await until(async () => (await texts(stream)).at(-1) === 'Third answer', 'the third was answered');
    await until(async () => (await state(stream)).messages.at(-1)?.runId === last.runId, 'by its run');
  });

  it('waits after a failed reply until it is sent by hand or another reply is completed', async () => {
    const { conversationId, stream, runId } = await busy(held('never ends'));
    const failing = await tab.command('message:send', queued(conversationId, 'Failing'));
    const second = await tab.command('message:send', queued(conversationId, 'Second'));
    const third = await tab.command('message:send', queued(conversationId, 'Third'));
    server.model.next(says(['Broken'], { finishReason: null }));
    await tab.command('run:stop', { runId });
    expect(await finished(stream, failing.runId)).toMatchObject({ status: 'failed' });
    await server.get(DispatchService).sweep();
    expect((await state(stream)).queue.map(({ text }) => text)).toEqual(['Second', 'Third']);

    // By hand, the later one first.
    server.model.next(says(['Broken again'], { finishReason: null }));
    expect(await tab.command('queue:send', { messageId: third.messageId })).toMatchObject({
      duplicate: false,
      messageId: third.messageId,
      runId: third.runId,
    });
    expect(await finished(stream, third.runId)).toMatchObject({ status: 'failed' });
    expect(await tab.command('queue:send', { messageId: third.messageId })).toMatchObject({
      duplicate: true,
      runId: third.runId,
    });
    await server.get(DispatchService).sweep();
    expect((await state(stream)).queue).toHaveLength(1);

    // Without a running reply a message is sent at once, and after its reply the others follow.
    server.model.next(says(['Now']), says(['Second answer']));
    const now = await tab.command('message:send', queued(conversationId, 'At once'));
    expect(now.queued).toBeUndefined();
    await finished(stream, second.runId);
    expect((await texts(stream)).slice(-4)).toEqual(['At once', 'Now', 'Second', 'Second answer']);
  });

  it('can be changed until its turn comes, by its owner [A3]', async () => {
    const { conversationId, stream, answer } = await busy();
    const stays = await tab.command('message:send', queued(conversationId, 'Typo'));
    const goes = await tab.command('message:send', queued(conversationId, 'Never mind'));
    await tab.command('queue:update', { messageId: stays.messageId, text: 'Type' });
    await tab.command('queue:update', { messageId: stays.messageId, text: 'Type' });
    expect(tab.eventsOf(stream).filter(({ type }) => type === 'queue.updated')).toHaveLength(1);
    expect(await tab.refused('queue:send', { messageId: stays.messageId })).toMatchObject({ code: 'run_active' });
    const stranger = await server.connect(await server.signIn('Mallory'));
    for (const [name, more] of [
      ['queue:update', { text: 'Mine' }],
      ['queue:remove', {}],
      ['queue:send', {}],
    ] as const) {
      const foreign = await stranger.refused(name, { messageId: stays.messageId, ...more });
      expect([name, foreign.code]).toEqual([name, 'not_found']);
      expect(await stranger.refused(name, { messageId: randomUUID(), ...more })).toEqual(foreign);
    }
    await tab.command('queue:remove', { messageId: goes.messageId });
    expect(await tab.refused('queue:remove', { messageId: goes.messageId })).toMatchObject({ code: 'not_found' });
    answer.release();
    await finished(stream, stays.runId);
    expect((await texts(stream)).slice(2)).toEqual(['Type', 'Hello, world!']);
    const late = { messageId: stays.messageId, text: 'Too late' };
    expect(await tab.refused('queue:update', late)).toMatchObject({ code: 'not_found' });
  });

  it('has a maximum length', async () => {
    const { conversationId, stream, runId } = await busy();
    const send = (text: string) => tab.command('message:send', queued(conversationId, text));
    const sent = await Promise.all(Array.from({ length: MAX_QUEUE_LENGTH }, (_, n) => send(`${n}`)));
    const more = queued(conversationId, 'One more');
    expect(await tab.refused('message:send', more)).toMatchObject({ code: 'rate_limited' });
    expect(await tab.refused('message:send', newMessage('No queue', conversationId))).toMatchObject({
      code: 'run_active',
    });
    // Tabs and snapshots agree on the order, in whatever order the commands were carried out.
    const added = tab
      .eventsOf(stream)
      .flatMap(({ data }) => ('message' in data && 'clientMessageId' in data.message ? [data.message.id] : []));
    const ids = (await state(stream)).queue.map(({ id }) => id);
    expect(added.slice(-MAX_QUEUE_LENGTH)).toEqual(ids);
    for (const { messageId } of sent) await tab.command('queue:remove', { messageId });
    await tab.command('run:stop', { runId });
  });

  it('[L6] does not restore a removed message when its command is repeated', async () => {
    const { conversationId, stream, runId } = await busy();
    const message = queued(conversationId, 'Rather not');
    const { messageId } = await tab.command('message:send', message);
    await tab.command('queue:remove', { messageId });
    const again = await tab.command('message:send', message);
    expect(again).toMatchObject({ duplicate: true, messageId });
    expect(again).not.toHaveProperty('queued');
    expect((await state(stream)).queue).toEqual([]);
    expect(await tab.refused('message:send', { ...message, text: 'Rather' })).toMatchObject({
      code: 'idempotency_mismatch',
    });
    await tab.command('run:stop', { runId });
  });

  it('[L6] accepts a message once, and answers the same before and after it was sent', async () => {
    const { conversationId, stream, answer } = await busy();
    const message = queued(conversationId, 'Once');
    const answers = await Promise.all([1, 2, 3].map(() => tab.command('message:send', message)));
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(new Set(answers.map(({ messageId, runId }) => `${messageId} ${runId}`)).size).toBe(1);
    expect(answers.every((one) => one.queued)).toBe(true);
    const mismatch = { code: 'idempotency_mismatch' };
    expect(await tab.refused('message:send', { ...message, text: 'Twice' })).toMatchObject(mismatch);
    const { messages } = await state(stream);
    const { clientMessageId } = message;
    const other = { clientMessageId, messageId: messages.at(-1)?.id };
    expect(await tab.refused('message:continue', other)).toMatchObject(mismatch);
    answer.release();
    const { messageId, runId } = answers[0] ?? { messageId: '', runId: '' };
    await finished(stream, runId);
    const late = await tab.command('message:send', message);
    expect(late).toMatchObject({ duplicate: true, messageId, runId });
    expect(late.queued).toBeUndefined();
    expect((await texts(stream)).filter((text) => text === 'Once')).toHaveLength(1);
  });

  it('waits while its owner has the maximum number of runs', async () => {
    const { conversationId, stream, runId } = await busy();
    const failing = await tab.command('message:send', queued(conversationId, 'Failing'));
    const last = await tab.command('message:send', queued(conversationId, 'Last'));
    server.model.next(says(['Broken'], { finishReason: null }), held('Another').script, held('A third').script);
    await tab.command('run:stop', { runId });
    await finished(stream, failing.runId);
    const others = [await begin(tab), await begin(tab)];
    expect(await tab.refused('queue:send', { messageId: last.messageId })).toMatchObject({ code: 'rate_limited' });
    // As if the others had started between the end of a completed reply and the next message.
    const { runId: id } = failing;
    await server.get(Database).write((em) => em.nativeUpdate(Run, { id }, { status: 'completed' }));
    await server.get(DispatchService).sweep();
    expect((await state(stream)).queue).toHaveLength(1);
    // It is sent before messages that arrive later.
    const later = await tab.command('message:send', queued(conversationId, 'Later'));
    expect(later.queued).toBe(true);
    // The end of any run of the owner makes room.
    await tab.command('run:stop', { runId: others[0]?.runId ?? '' });
    expect(await finished(stream, later.runId)).toMatchObject({ status: 'completed' });
    expect((await texts(stream)).slice(-4)).toEqual(['Last', 'Hello, world!', 'Later', 'Hello, world!']);
    await tab.command('run:stop', { runId: others[1]?.runId ?? '' });
  });

  it('[A1] sends nothing for a disabled account', async () => {
    const person = await server.signIn('Eve');
    const eve = await server.connect(person);
    const answer = held('First answer');
    server.model.next(answer.script);
    const { conversationId, runId } = await begin(eve);
    await eve.command('message:send', queued(conversationId, 'Second'));
    const change = (disabled: boolean) =>
      server.get(Database).write((em) => em.nativeUpdate(User, { id: person.userId }, { disabled }));
    await change(true);
    const asked = server.model.requests.length;
    answer.release();
    const isWhole = () => server.get(Database).read((em) => em.count(Run, { id: runId, status: 'completed' }));
    await until(async () => (await isWhole()) === 1, 'the answer is whole');
    await server.get(DispatchService).sweep();
    expect(server.model.requests).toHaveLength(asked);
    await change(false);
    await server.get(DispatchService).sweep();
    await until(() => server.model.requests.length > asked, 'it was sent');
  });
});
