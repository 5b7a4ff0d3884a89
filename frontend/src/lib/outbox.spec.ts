import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Command, SendResult } from '#protocol';
import { memoryStorage } from './outbox-storage.ts';
import { Outbox } from './outbox.svelte.ts';
import { RequestFailed } from './request-failed.ts';

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

const storage = { ...memoryStorage(), isDurable: true };
let server: FakeServer;

const openOutbox = async (userId = ME, store = storage): Promise<Outbox> => {
  const outbox = new Outbox(
    () => Promise.resolve(store),
    server.send,
    () => undefined,
  );
  await outbox.open(userId);
  return outbox;
};
const idle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
});

afterEach(async () => {
  vi.useRealTimers();
  for (const { clientMessageId } of await storage.load()) await storage.remove(clientMessageId);
});

describe('the outbox', () => {
  it('keeps a message until the server has taken it, and until the thread shows it', async () => {
    const outbox = await openOutbox();
    await outbox.add({ conversationId: A, text: 'hello' });
    await idle();
    expect(outbox.entries).toMatchObject([{ text: 'hello', status: 'sent', messageId: 'm-hello' }]);
    expect(await storage.load()).toEqual([]);
    outbox.settle(outbox.entries[0]?.clientMessageId ?? '');
    expect(outbox.entries).toEqual([]);
  });

  it('[L6] sends the same id again after a lost connection', async () => {
    server.answers.push(new RequestFailed('disconnected', ''));
    const outbox = await openOutbox();
    await outbox.add({ conversationId: A, text: 'hello' });
    await idle();
    expect(outbox.entries).toMatchObject([{ status: 'waiting' }]);
    outbox.resume();
    await idle();
    expect(server.sent).toHaveLength(2);
    expect(server.sent[1]).toEqual(server.sent[0]);
  });

  it('[L6] sends the same id again after a reload', async () => {
    server.answers.push(new RequestFailed('disconnected', ''));
    await (await openOutbox()).add({ conversationId: A, text: 'hello' });
    await idle();
    await openOutbox();
    await idle();
    expect(server.sent[1]).toEqual(server.sent[0]);
  });

  it('does not send what somebody else wrote on this machine', async () => {
    server.answers.push(new RequestFailed('disconnected', ''));
    await (await openOutbox()).add({ conversationId: A, text: 'hello' });
    await idle();
    const outbox = await openOutbox('somebody-else');
    await idle();
    expect(outbox.entries).toEqual([]);
    expect(server.sent).toHaveLength(1);
  });

  it('sends the messages of a conversation one after the other, and those of another beside them', async () => {
    const { promise, resolve } = Promise.withResolvers<SendResult>();
    server.answers.push(promise);
    const outbox = await openOutbox();
    await outbox.add({ conversationId: A, text: 'first' });
    await outbox.add({ conversationId: A, text: 'second' });
    await outbox.add({ conversationId: B, text: 'elsewhere' });
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
    const outbox = await openOutbox();
    await outbox.add({ conversationId: A, text: 'first' });
    await outbox.add({ conversationId: A, text: 'second' });
    await idle();
    expect(server.sent).toMatchObject([
      { text: 'first', queue: true },
      { text: 'second', queue: true },
    ]);
  });

  it('sends the settings of a conversation with the message that begins it, also after a reload', async () => {
    server.answers.push(new RequestFailed('disconnected', ''));
    await (await openOutbox()).add({ conversationId: A, text: 'hello', settings: { temperature: 0 } });
    await idle();
    await openOutbox();
    await idle();
    expect(server.sent).toHaveLength(2);
    for (const message of server.sent) expect(message.settings).toEqual({ temperature: 0 });
  });

  it('forgets a message that the stream shows before its acknowledgement has come, or instead of it', async () => {
    const { promise, reject } = Promise.withResolvers<SendResult>();
    server.answers.push(promise);
    const outbox = await openOutbox();
    await outbox.add({ conversationId: A, text: 'first' });
    await outbox.add({ conversationId: A, text: 'second' });
    await idle();
    outbox.settle(outbox.entries[0]?.clientMessageId ?? '');
    expect(outbox.entries).toMatchObject([{ text: 'second' }]);
    reject(new RequestFailed('disconnected', ''));
    await idle();
    outbox.resume();
    await idle();
    expect(server.texts).toEqual(['first', 'second']);
    expect(await storage.load()).toEqual([]);
  });

  it('shows what the server will not take, keeps it over a reload, and lets the next one pass', async () => {
    server.answers.push(new RequestFailed('too_large', 'long'));
    const outbox = await openOutbox();
    await outbox.add({ conversationId: A, text: 'long' });
    await outbox.add({ conversationId: A, text: 'short' });
    await idle();
    expect(outbox.entries).toMatchObject([
      { text: 'long', status: 'refused', error: { code: 'too_large' } },
      { text: 'short', status: 'sent' },
    ]);
    const reloaded = await openOutbox();
    await idle();
    expect(reloaded.entries).toMatchObject([{ text: 'long', status: 'refused' }]);
    expect(server.texts).toEqual(['long', 'short']);
  });

  it('waits as long as the server asks before it tries again', async () => {
    server.answers.push(new RequestFailed('rate_limited', '', { retryAfterMs: 30_000 }));
    const outbox = await openOutbox();
    await outbox.add({ conversationId: A, text: 'hello' });
    await vi.advanceTimersByTimeAsync(29_000);
    expect(server.sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(outbox.entries).toMatchObject([{ status: 'sent' }]);
  });

  it('asks the person after an error that does not go away', async () => {
    server.answers.push(...Array.from({ length: 9 }, () => new RequestFailed('internal', '')));
    const outbox = await openOutbox();
    await outbox.add({ conversationId: A, text: 'hello' });
    await vi.advanceTimersByTimeAsync(300_000);
    expect(outbox.entries).toMatchObject([{ status: 'refused' }]);
    expect(server.sent).toHaveLength(5);
  });

  it('gives the text back when it is discarded, and does not send it any more', async () => {
    server.answers.push(new RequestFailed('disconnected', ''));
    const outbox = await openOutbox();
    await outbox.add({ conversationId: A, text: 'hello' });
    await idle();
    expect(await outbox.discard(outbox.entries[0]?.clientMessageId ?? '')).toBe('hello');
    outbox.resume();
    await idle();
    expect(server.sent).toHaveLength(1);
    expect(await storage.load()).toEqual([]);
  });

  it('drops what another tab has sent or discarded meanwhile', async () => {
    server.answers.push(new RequestFailed('disconnected', ''));
    const outbox = await openOutbox();
    await outbox.add({ conversationId: A, text: 'hello' });
    await idle();
    await storage.remove(outbox.entries[0]?.clientMessageId ?? '');
    outbox.resume();
    await idle();
    expect(outbox.entries).toEqual([]);
    expect(server.sent).toHaveLength(1);
  });

  it('forgets everything when its writer signs out', async () => {
    server.answers.push(new RequestFailed('disconnected', ''));
    const outbox = await openOutbox();
    await outbox.add({ conversationId: A, text: 'hello' });
    await idle();
    await outbox.close({ forget: true });
    expect(outbox.entries).toEqual([]);
    expect(await storage.load()).toEqual([]);
  });
});
