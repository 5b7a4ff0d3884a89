import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Command, SendResult } from '#protocol';
import { outboxStorage } from './outbox-storage.ts';
import { Outbox } from './outbox.svelte.ts';
import { personalStorage } from '../storage/personal-storage.ts';
import { FakeStorage } from '../storage/personal-storage.fake.ts';
import { RequestFailed } from '../http/request-failed.ts';

const ME = 'me';
const A = 'conversation-a';
const B = 'conversation-b';

/** A server that answers each send with what the test laid out for it, and takes it otherwise. */
class FakeServer {
  readonly sent: Command<'message:send'>[] = [];
  readonly answers: (Error | Promise<SendResult>)[] = [];

  readonly send = (message: Command<'message:send'>): Promise<SendResult> => {
    this.sent.push(message);
    const answer = this.answers.shift();
    if (answer instanceof Error) return Promise.reject(answer);
    return answer ?? Promise.resolve({ duplicate: false, messageId: `m-${message.text}`, runId: 'r', seq: 1 });
  };

  get texts(): string[] {
    return this.sent.map(({ text }) => text);
  }
}

let browser: FakeStorage;
let server: FakeServer;

const storage = outboxStorage(personalStorage(() => browser));
const newOutbox = (userId = ME): Outbox =>
  new Outbox(
    storage,
    server.send,
    () => undefined,
    () => userId,
  );
function openOutbox(userId = ME): Outbox {
  const outbox = newOutbox(userId);
  outbox.open();
  return outbox;
}
const idle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  browser = new FakeStorage();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the outbox', () => {
  it('keeps a message until the server has taken it, and until the thread shows it', async () => {
    const outbox = openOutbox();
    outbox.add({ conversationId: A, text: 'hello' });
    await idle();
    expect(outbox.entries).toMatchObject([{ text: 'hello', status: 'sent', messageId: 'm-hello' }]);
    expect(storage.load(ME)).toEqual([]);
    outbox.settle(outbox.entries[0]?.clientMessageId ?? '');
    expect(outbox.entries).toEqual([]);
  });

  it('[L6] sends the same id again after a lost connection', async () => {
    server.answers.push(new RequestFailed('disconnected', ''));
    const outbox = openOutbox();
    outbox.add({ conversationId: A, text: 'hello' });
    await idle();
    expect(outbox.entries).toMatchObject([{ status: 'waiting' }]);
    outbox.resume();
    await idle();
    expect(server.sent).toHaveLength(2);
    expect(server.sent[1]).toEqual(server.sent[0]);
  });

  it('[L6] sends the same id again after a reload', async () => {
    server.answers.push(new RequestFailed('disconnected', ''));
    openOutbox().add({ conversationId: A, text: 'hello' });
    await idle();
    openOutbox();
    await idle();
    expect(server.sent[1]).toEqual(server.sent[0]);
  });

  it('does not send what somebody else wrote on this machine', async () => {
    server.answers.push(new RequestFailed('disconnected', ''));
    openOutbox().add({ conversationId: A, text: 'hello' });
    await idle();
    const outbox = openOutbox('somebody-else');
    await idle();
    expect(outbox.entries).toEqual([]);
    expect(server.sent).toHaveLength(1);
  });

  it('sends the messages of a conversation one after the other, and those of another beside them', async () => {
    const { promise, resolve } = Promise.withResolvers<SendResult>();
    server.answers.push(promise);
    const outbox = openOutbox();
    outbox.add({ conversationId: A, text: 'first' });
    outbox.add({ conversationId: A, text: 'second' });
    outbox.add({ conversationId: B, text: 'elsewhere' });
    await idle();
    expect(server.texts).toEqual(['first', 'elsewhere']);
    resolve({ duplicate: false, messageId: 'm', runId: 'r', seq: 1 });
    await idle();
    expect(server.texts).toEqual(['first', 'elsewhere', 'second']);
  });

  it('lets the server keep a message until its turn has come, and sends the next one at once', async () => {
    server.answers.push(
      Promise.resolve({ duplicate: false, messageId: 'm', runId: 'r', seq: 1, queued: true } satisfies SendResult),
    );
    const outbox = openOutbox();
    outbox.add({ conversationId: A, text: 'first' });
    outbox.add({ conversationId: A, text: 'second' });
    await idle();
    expect(server.sent).toMatchObject([
      { text: 'first', queue: true },
      { text: 'second', queue: true },
    ]);
  });

  it('sends the settings of a conversation with the message that begins it, also after a reload', async () => {
    server.answers.push(new RequestFailed('disconnected', ''));
    openOutbox().add({ conversationId: A, text: 'hello', settings: { temperature: 0 } });
    await idle();
    openOutbox();
    await idle();
    expect(server.sent).toHaveLength(2);
    for (const message of server.sent) expect(message.settings).toEqual({ temperature: 0 });
  });

  it('forgets a message that the stream shows before its acknowledgement has come, or instead of it', async () => {
    const { promise, reject } = Promise.withResolvers<SendResult>();
    server.answers.push(promise);
    const outbox = openOutbox();
    outbox.add({ conversationId: A, text: 'first' });
    outbox.add({ conversationId: A, text: 'second' });
    await idle();
    outbox.settle(outbox.entries[0]?.clientMessageId ?? '');
    expect(outbox.entries).toMatchObject([{ text: 'second' }]);
    reject(new RequestFailed('disconnected', ''));
    await idle();
    outbox.resume();
    await idle();
    expect(server.texts).toEqual(['first', 'second']);
    expect(storage.load(ME)).toEqual([]);
  });

  it('shows what the server will not take, keeps it over a reload, and lets the next one pass', async () => {
    server.answers.push(new RequestFailed('too_large', 'long'));
    const outbox = openOutbox();
    outbox.add({ conversationId: A, text: 'long' });
    outbox.add({ conversationId: A, text: 'short' });
    await idle();
    expect(outbox.entries).toMatchObject([
      { text: 'long', status: 'refused', error: { code: 'too_large' } },
      { text: 'short', status: 'sent' },
    ]);
    const reloaded = openOutbox();
    await idle();
    expect(reloaded.entries).toMatchObject([{ text: 'long', status: 'refused' }]);
    expect(server.texts).toEqual(['long', 'short']);
  });

  it('waits as long as the server asks before it tries again', async () => {
    server.answers.push(new RequestFailed('rate_limited', '', { retryAfterMs: 30_000 }));
    const outbox = openOutbox();
    outbox.add({ conversationId: A, text: 'hello' });
    await vi.advanceTimersByTimeAsync(29_000);
    expect(server.sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(outbox.entries).toMatchObject([{ status: 'sent' }]);
  });

  it('asks the person after an error that does not go away', async () => {
    server.answers.push(...Array.from({ length: 9 }, () => new RequestFailed('internal', '')));
    const outbox = openOutbox();
    outbox.add({ conversationId: A, text: 'hello' });
    await vi.advanceTimersByTimeAsync(300_000);
    expect(outbox.entries).toMatchObject([{ status: 'refused' }]);
    expect(server.sent).toHaveLength(5);
  });

  it('gives the text back when it is discarded, and does not send it any more', async () => {
    server.answers.push(new RequestFailed('disconnected', ''));
    const outbox = openOutbox();
    outbox.add({ conversationId: A, text: 'hello' });
    await idle();
    expect(outbox.discard(outbox.entries[0]?.clientMessageId ?? '')).toBe('hello');
    outbox.resume();
    await idle();
    expect(server.sent).toHaveLength(1);
    expect(storage.load(ME)).toEqual([]);
  });

  it('drops what another tab has sent or discarded meanwhile', async () => {
    server.answers.push(new RequestFailed('disconnected', ''));
    const outbox = openOutbox();
    outbox.add({ conversationId: A, text: 'hello' });
    await idle();
    for (const entry of outbox.entries) storage.remove(entry);
    outbox.resume();
    await idle();
    expect(outbox.entries).toEqual([]);
    expect(server.sent).toHaveLength(1);
  });

  it('shows nothing after its writer has left, and keeps what waits until somebody decides', async () => {
    server.answers.push(new RequestFailed('disconnected', ''));
    const outbox = openOutbox();
    outbox.add({ conversationId: A, text: 'hello' });
    await idle();
    outbox.close();
    expect(outbox.entries).toEqual([]);
    expect(storage.load(ME)).toMatchObject([{ text: 'hello' }]);
  });

  it('[L6] keeps and sends what was written before it was opened, and once', async () => {
    server.answers.push(new RequestFailed('disconnected', ''));
    const outbox = newOutbox();
    outbox.add({ conversationId: A, text: 'early' });
    expect(storage.load(ME)).toMatchObject([{ text: 'early' }]);
    await idle();
    outbox.open();
    await idle();
    expect(server.texts).toEqual(['early', 'early']);
    expect(server.sent[1]).toEqual(server.sent[0]);
    expect(outbox.entries).toMatchObject([{ text: 'early', status: 'sent' }]);
  });

  it('sends what the browser does not keep, and says that it is not kept', async () => {
    server.answers.push(new RequestFailed('disconnected', ''));
    browser.isFull = true;
    const outbox = openOutbox();
    outbox.add({ conversationId: A, text: 'hello' });
    await idle();
    expect(outbox.isDurable).toBe(false);
    outbox.resume();
    await idle();
    expect(outbox.entries).toMatchObject([{ text: 'hello', status: 'sent' }]);
  });

  it('refuses what somebody writes who is not signed in any more, instead of losing it', () => {
    const outbox = new Outbox(
      storage,
      server.send,
      () => undefined,
      () => undefined,
    );
    expect(() => outbox.add({ conversationId: A, text: 'hello' })).toThrow(RequestFailed);
  });
});
