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

/** A server that answers each send with the reply that the test queued, and acknowledges it otherwise. */
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
  it('keeps a message until the server has acknowledged it and the thread shows it', async () => {
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

  it('does not send what another user wrote on this machine', async () => {
    server.answers.push(new RequestFailed('disconnected', ''));
    openOutbox().add({ conversationId: A, text: 'hello' });
    await idle();
    const outbox = openOutbox('somebody-else');
    await idle();
    expect(outbox.entries).toEqual([]);
    expect(server.sent).toHaveLength(1);
  });

  it('sends the messages of one conversation in sequence, and different conversations in parallel', async () => {
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

  it('lets the server queue a message, and sends the next one at once', async () => {
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

  it('drops a message that the stream shows before its acknowledgement, or without one', async () => {
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

  it('shows a refused message, keeps it over a reload, and sends the next one', async () => {
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

  it('waits for the retry time of the server before it tries again', async () => {
    server.answers.push(new RequestFailed('rate_limited', '', { retryAfterMs: 30_000 }));
    const outbox = openOutbox();
    outbox.add({ conversationId: A, text: 'hello' });
    await vi.advanceTimersByTimeAsync(29_000);
    expect(server.sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(outbox.entries).toMatchObject([{ status: 'sent' }]);
  });

  it('shows an error that does not go away to the user', async () => {
    server.answers.push(...Array.from({ length: 9 }, () => new RequestFailed('internal', '')));
    const outbox = openOutbox();
    outbox.add({ conversationId: A, text: 'hello' });
    await vi.advanceTimersByTimeAsync(300_000);
    expect(outbox.entries).toMatchObject([{ status: 'refused' }]);
    expect(server.sent).toHaveLength(5);
  });

  it('returns the text of a discarded message, and does not send it', async () => {
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

  it('drops a message that another tab has sent or discarded', async () => {
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

  it('shows nothing after a sign-out, and leaves unsent messages in the storage', async () => {
    server.answers.push(new RequestFailed('disconnected', ''));
    const outbox = openOutbox();
    outbox.add({ conversationId: A, text: 'hello' });
    await idle();
    outbox.close();
    expect(outbox.entries).toEqual([]);
    expect(storage.load(ME)).toMatchObject([{ text: 'hello' }]);
  });

  it('[L6] keeps a message that was written before it was opened, and sends it once', async () => {
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

  it('sends a message that the browser cannot store, and reports that it is not stored', async () => {
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

  it('refuses a message after the session has ended, instead of losing it', () => {
    const outbox = new Outbox(
      storage,
      server.send,
      () => undefined,
      () => undefined,
    );
    expect(() => outbox.add({ conversationId: A, text: 'hello' })).toThrow(RequestFailed);
  });
});
