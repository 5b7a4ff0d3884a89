import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Run } from '../../../src/chat/runs/run.entity.js';
import { Database } from '../../../src/database/database.js';
import { CONTINUE_INSTRUCTION } from '../../../src/models/continue-instruction.js';
import type { ConversationEvent, SubscribeResult } from '../../../src/protocol/index.js';
import { says, type Script } from '../../../testing/model/script.js';
import { begin, foldAll, newMessage, stateOf, whenEnded } from '../../support/conversation.js';
import { type TestClient, until } from '../../support/test-client.js';
import { type TestPerson, TestServer } from '../../support/test-server.js';

/** Sends a text, and nothing more until the connection is closed. */
const stallsAfter =
  (text: string): Script =>
  async (answer) => {
    await answer.text(text);
    await answer.stall();
  };

describe('continuing a reply that ended early', () => {
  let server: TestServer;
  let person: TestPerson;
  let tab: TestClient;
  beforeAll(async () => {
    server = await TestServer.start();
    person = await server.signIn('Ada');
    tab = await server.connect(person);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const replyOf = async (stream: string) => {
    const reply = stateOf(await tab.subscribe(stream)).messages.at(-1);
    if (!reply) throw new Error('no reply');
    return reply;
  };
  const finished = (stream: string, runId: string) => tab.event(stream, 'run.finished', (end) => end.runId === runId);
  const command = (messageId: string) => ({ clientMessageId: randomUUID(), messageId });

  /** A conversation whose reply was stopped after `text`. */
  async function stopped(text: string, question = 'Tell me') {
    server.model.next(stallsAfter(text));
    const begun = await begin(tab, question);
    await tab.subscribe(begun.stream);
    await until(async () => (await replyOf(begun.stream)).text === text, 'the text has come');
    await tab.command('run:stop', { runId: begun.runId });
    return { ...begun, reply: await replyOf(begun.stream) };
  }

  const eventsAfter = (stream: string, seq: number) =>
    tab.eventsOf(stream).filter((event) => event.seq > seq) as unknown as ConversationEvent[];
  const seqOf = (result: SubscribeResult): number => (result.mode === 'snapshot' ? result.seq : result.head);

  it('[L4] [L5] appends to its text, in a new run, with the question and the text as the prompt', async () => {
    const { stream, conversationId, runId: firstRun, reply } = await stopped('Once upon a ti', 'A tale, please');
    await tab.command('message:rate', { messageId: reply.id, rating: 'up' });
    const before = await tab.subscribe(stream);
    server.model.next(says(['me there was ', 'a log.'], { delayMs: 50 }));
    const asked = server.model.requests.length;
    const sent = await tab.command('message:continue', command(reply.id));
    expect(sent).toMatchObject({ duplicate: false, messageId: reply.id });
    expect(sent.runId).not.toBe(firstRun);
    await finished(stream, sent.runId);

    const events = eventsAfter(stream, seqOf(before));
    expect(events[0]).toMatchObject({
      seq: sent.seq,
      type: 'run.started',
      data: { messageId: reply.id, runId: sent.runId, attempt: 2, model: 'test-model' },
    });
    const delta = events.find(({ type }) => type === 'run.delta');
    expect(delta?.data).toMatchObject({ offset: 'Once upon a ti'.length, messageId: reply.id });
    const after = stateOf(await tab.subscribe(stream));
    expect(foldAll(stateOf(before), events)).toEqual(after);
    const text = 'Once upon a time there was a log.';
    expect(after.messages).toHaveLength(2);
    expect(after.messages.at(-1)).toMatchObject({ id: reply.id, text, status: 'completed', rating: 'up' });
    for (const runId of [firstRun, sent.runId]) {
      const ends = tab
        .eventsOf(stream)
        .filter(({ type, data }) => type === 'run.finished' && 'runId' in data && data.runId === runId);
      expect(ends).toHaveLength(1);
    }

    const { messages } = server.model.requests[asked]?.body ?? { messages: [] };
    expect(messages.slice(1).map(({ role, content }) => [role, content])).toEqual([
      ['user', 'A tale, please'],
      ['assistant', 'Once upon a ti'],
      ['user', CONTINUE_INSTRUCTION],
    ]);
    // The next prompt contains the whole reply, without traces of the continuation.
    const { runId } = await tab.command('message:send', newMessage('And then?', conversationId));
    await finished(stream, runId);
    const next = server.model.requests.at(-1)?.body.messages.slice(1) ?? [];
    expect(next.map(({ content }) => content)).toEqual(['A tale, please', text, 'And then?']);
    const exported = await server.fetch(`/api/conversations/${conversationId}/export`, person);
    expect(await exported.text()).toContain(text);
  });

  it('shows the whole text in snapshots and exports while it is written', async () => {
    const { stream, conversationId, reply } = await stopped('One, two, ');
    server.model.next(stallsAfter('three'));
    const { runId } = await tab.command('message:continue', command(reply.id));
    await until(async () => (await replyOf(stream)).text === 'One, two, three', 'both parts together');
    expect(await replyOf(stream)).toMatchObject({ status: 'streaming', runId });
    for (const format of ['markdown', 'json']) {
      const file = await server.fetch(`/api/conversations/${conversationId}/export?format=${format}`, person);
      expect(await file.text()).toContain('One, two, three');
    }
    expect(await tab.refused('message:continue', command(reply.id))).toMatchObject({ code: 'run_active' });
    expect(await tab.command('run:stop', { runId })).toEqual({ status: 'stopped' });
    expect(await replyOf(stream)).toMatchObject({ status: 'stopped', text: 'One, two, three' });
    // It can be continued any number of times.
    server.model.next(says(['.']));
    const again = await tab.command('message:continue', command(reply.id));
    await finished(stream, again.runId);
    expect(await replyOf(stream)).toMatchObject({ status: 'completed', text: 'One, two, three.' });
  });

  it('works after a failure, and removes its error', async () => {
    server.model.next(says(['Half of '], { finishReason: null }));
    const { stream } = await begin(tab);
    await whenEnded(tab, stream);
    const reply = await replyOf(stream);
    expect(reply).toMatchObject({ status: 'failed', error: { code: 'model_truncated' } });
    server.model.next(says(['it']));
    const sent = await tab.command('message:continue', command(reply.id));
    await finished(stream, sent.runId);
    const whole = await replyOf(stream);
    expect(whole).toMatchObject({ status: 'completed', text: 'Half of it' });
    expect(whole.error).toBeUndefined();
  });

  it('[L6] happens once for a repeated command, whose id no other command may have', async () => {
    const { stream, reply, conversationId } = await stopped('Only ');
    server.model.next(says(['once']));
    const asked = server.model.requests.length;
    const once = command(reply.id);
    const answers = await Promise.all([1, 2, 3].map(() => tab.command('message:continue', once)));
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(new Set(answers.map(({ messageId, runId }) => `${messageId} ${runId}`)).size).toBe(1);
    await finished(stream, answers[0]?.runId ?? '');
    expect(await tab.command('message:continue', once)).toMatchObject({ duplicate: true, runId: answers[0]?.runId });
    expect(await replyOf(stream)).toMatchObject({ text: 'Only once' });
    expect(server.model.requests).toHaveLength(asked + 1);

    const mismatch = { code: 'idempotency_mismatch' };
    const message = newMessage('Another', conversationId);
    const { clientMessageId } = once;
    expect(await tab.refused('message:send', { ...message, clientMessageId })).toMatchObject(mismatch);
    const { runId } = await tab.command('message:send', message);
    await finished(stream, runId);
    const other = await stopped('Not ');
    const used = { clientMessageId: message.clientMessageId, messageId: other.reply.id };
    expect(await tab.refused('message:continue', used)).toMatchObject(mismatch);
  });

  it('[L6] does not change the run that an earlier message:regenerate is answered with', async () => {
    const { stream, reply } = await stopped('First');
    server.model.next(stallsAfter('Second'));
    const regenerate = command(reply.id);
    const regenerated = await tab.command('message:regenerate', regenerate);
    await until(async () => (await replyOf(stream)).text === 'Second', 'the text has come');
    await tab.command('run:stop', { runId: regenerated.runId });
    server.model.next(says([' part']));
    const { runId } = await tab.command('message:continue', command(regenerated.messageId));
    await finished(stream, runId);
    expect(await tab.command('message:regenerate', regenerate)).toMatchObject({
      duplicate: true,
      messageId: regenerated.messageId,
      runId: regenerated.runId,
    });
  });

  it('is possible only at the end of the branch in view, for a reply with text, by its owner [A3]', async () => {
    const refusal = async (messageId: string) => {
      const { code, message } = await tab.refused('message:continue', command(messageId));
      return `${code} ${message}`;
    };
    const { stream, reply, messageId, conversationId } = await stopped('Some text');
    expect(await refusal(messageId)).toBe('bad_request messageId: is not a reply');
    const stranger = await server.connect(await server.signIn('Mallory'));
    const foreign = await stranger.refused('message:continue', command(reply.id));
    expect(foreign).toMatchObject({ code: 'not_found' });
    expect(await stranger.refused('message:continue', command(randomUUID()))).toEqual(foreign);

    const { runId } = await tab.command('message:send', newMessage('On', conversationId));
    await finished(stream, runId);
    expect(await refusal(reply.id)).toBe('bad_request messageId: is not at the end of the branch in view');
    const whole = await replyOf(stream);
    expect(await refusal(whole.id)).toBe('bad_request messageId: is a complete reply');

    server.model.next((answer) => answer.stall());
    const empty = await begin(tab);
    await tab.subscribe(empty.stream);
    await tab.command('run:stop', { runId: empty.runId });
    const none = await replyOf(empty.stream);
    expect(await refusal(none.id)).toBe('bad_request messageId: is a reply without text; ask for another one');
  });

  it('[L7] [L8] keeps both parts when the process of the second run dies', async () => {
    const { stream, reply } = await stopped('Before, ');
    server.model.next(stallsAfter('after'));
    const { runId } = await tab.command('message:continue', command(reply.id));
    await until(async () => (await replyOf(stream)).text === 'Before, after', 'both parts together');
    // The state that a dead process leaves: an unknown owner, and a fence that no process holds.
    const left = { fence: 7, ownerId: '00000000-0000-7000-8000-000000000000', leaseUntil: 1 };
    await server.get(Database).write((em) => em.nativeUpdate(Run, { id: runId }, left));
    await until(async () => (await replyOf(stream)).status === 'interrupted', 'the reaper has been', 20_000);
    expect(await replyOf(stream)).toMatchObject({ text: 'Before, after', runId });
    const end = await finished(stream, runId);
    expect(end).toMatchObject({ status: 'interrupted', length: 'Before, after'.length });
    server.model.next(says([', always']));
    const again = await tab.command('message:continue', command(reply.id));
    await finished(stream, again.runId);
    expect(await replyOf(stream)).toMatchObject({ text: 'Before, after, always', status: 'completed' });
  });
});
