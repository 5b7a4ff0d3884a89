import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ConversationEvent, type Cursor, NO_USAGE, type StreamEvent, type SubscribeResult } from '#protocol';
import { RequestFailed } from '../http/request-failed.ts';
import { Streams } from './streams.svelte.ts';

const ID = '01920000-0000-7000-8000-000000000001';
const REPLY = '01920000-0000-7000-8000-000000000002';
const RUN = '01920000-0000-7000-8000-000000000003';
const STREAM = `conversation:${ID}`;

const stateWith = (text: string) => ({
  conversation: {
    id: ID,
    title: 'T',
    pinned: false,
    archived: false,
    leafId: REPLY,
    settings: {},
    usage: NO_USAGE,
    createdAt: 1,
    updatedAt: 1,
  },
  messages: [
    { id: REPLY, parentId: null, role: 'assistant', text, status: 'streaming', createdAt: 1, siblingIds: [REPLY] },
  ],
  hasMore: false,
  queue: [],
  draft: null,
});

const delta = (seq: number, offset: number, text: string): StreamEvent<ConversationEvent> => ({
  seq,
  type: 'run.delta',
  at: seq,
  data: { runId: RUN, messageId: REPLY, offset, text },
});

interface Subscription {
  readonly stream: string;
  readonly after: Cursor | undefined;
  answer(result: SubscribeResult): Promise<void>;
  refuse(error: Error): Promise<void>;
}

/** A server and a screen that act only when the test says so. */
class Bench {
  readonly subscriptions: Subscription[] = [];
  readonly left: string[] = [];
  isConnected = true;
  #frame: (() => void) | undefined;
  readonly streams = new Streams(
    {
      subscribe: (stream, after) => {
        const { promise, resolve, reject } = Promise.withResolvers<SubscribeResult>();
        const settled = (): Promise<void> => promise.then(noop, noop);
        this.subscriptions.push({
          stream,
          after,
          answer: (result) => (resolve(result), settled()),
          refuse: (error) => (reject(error), settled()),
        });
        return promise;
      },
      unsubscribe: (stream) => this.left.push(stream),
      isConnected: true,
    },
    (work) => (this.#frame = work),
  );
  readonly conversation = this.streams.conversation(ID);

  get last(): Subscription {
    const last = this.subscriptions.at(-1);
    if (!last) throw new Error('Nothing was subscribed');
    return last;
  }

  get text(): string | undefined {
    const { view } = this.conversation.reader;
    return view === 'deleted' ? undefined : view?.messages[0]?.text;
  }

  receive(...events: StreamEvent[]): void {
    this.streams.events({ stream: STREAM, epoch: 'one', events });
  }

  frame(): void {
    const work = this.#frame;
    this.#frame = undefined;
    work?.();
  }

  snapshot(seq: number, text: string, epoch = 'one'): Promise<void> {
    return this.last.answer({ mode: 'snapshot', epoch, seq, state: stateWith(text) });
  }
}

const noop = (): void => undefined;
let bench: Bench;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, 'debug').mockImplementation(noop);
  bench = new Bench();
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('a stream', () => {
  it('[L3] holds events that arrive before the acknowledgement, and applies them after the snapshot', async () => {
    bench.receive(delta(4, 1, 'b'));
    bench.receive(delta(5, 2, 'c'));
    expect(bench.text).toBeUndefined();
    await bench.snapshot(4, 'ab');
    expect(bench.text).toBe('abc');
    expect(bench.conversation.reader.cursor).toEqual({ epoch: 'one', seq: 5 });
  });

  it('[L3] drops events that it already has', async () => {
    await bench.snapshot(3, 'ab');
    bench.receive(delta(2, 0, 'x'), delta(3, 1, 'b'), delta(4, 2, 'c'));
    bench.receive(delta(4, 2, 'c'));
    bench.frame();
    expect(bench.text).toBe('abc');
    expect(bench.subscriptions).toHaveLength(1);
  });

  it('applies a frame of events at once, in order', async () => {
    await bench.snapshot(0, '');
    bench.receive(delta(1, 0, 'a'));
    bench.receive(delta(2, 1, 'b'));
    expect(bench.text).toBe('');
    bench.frame();
    expect(bench.text).toBe('ab');
  });

  it('[L3] subscribes again from its cursor on a gap, and keeps the events after it', async () => {
    await bench.snapshot(1, 'a');
    bench.receive(delta(3, 2, 'c'));
    bench.frame();
    expect(bench.text).toBe('a');
    expect(bench.last.after).toEqual({ epoch: 'one', seq: 1 });
    bench.receive(delta(4, 3, 'd'));
    await bench.last.answer({ mode: 'events', epoch: 'one', events: [delta(2, 1, 'b')], head: 2 });
    expect(bench.text).toBe('abcd');
    expect(bench.subscriptions).toHaveLength(2);
  });

  it('starts over when an event does not fit the text', async () => {
    await bench.snapshot(1, 'a');
    bench.receive(delta(2, 7, 'x'));
    bench.frame();
    expect(bench.last.after).toBeUndefined();
    await bench.snapshot(2, 'whole');
    expect(bench.text).toBe('whole');
  });

  it('takes a snapshot when the database has another epoch', async () => {
    await bench.snapshot(9, 'old');
    bench.streams.events({ stream: STREAM, epoch: 'two', events: [delta(2, 1, 'y')] });
    bench.frame();
    expect(bench.last.after).toEqual({ epoch: 'one', seq: 9 });
    await bench.snapshot(1, 'n', 'two');
    expect(bench.text).toBe('n');
    expect(bench.conversation.reader.cursor).toEqual({ epoch: 'two', seq: 1 });
    bench.streams.events({ stream: STREAM, epoch: 'two', events: [delta(2, 1, 'ew')] });
    bench.frame();
    expect(bench.text).toBe('new');
  });

  it('does not apply events of the old epoch to the new one', async () => {
    bench.streams.events({ stream: STREAM, epoch: 'old', events: [delta(2, 1, 'x')] });
    await bench.snapshot(1, 'a', 'new');
    bench.frame();
    expect(bench.text).toBe('a');
    expect(bench.subscriptions).toHaveLength(1);
  });

  it('detects by the head that the last event was lost, and waits for a late one', async () => {
    await bench.snapshot(1, 'a');
    bench.streams.heads({ epoch: 'one', heads: [{ stream: STREAM, seq: 2 }] });
    bench.receive(delta(2, 1, 'b'));
    await vi.advanceTimersByTimeAsync(1000);
    expect(bench.subscriptions).toHaveLength(1);
    bench.frame();
    bench.streams.heads({ epoch: 'one', heads: [{ stream: STREAM, seq: 3 }] });
    await vi.advanceTimersByTimeAsync(1000);
    expect(bench.last.after).toEqual({ epoch: 'one', seq: 2 });
    expect(bench.subscriptions).toHaveLength(2);
  });

  it('[L11] subscribes again when the server reports that it lags', async () => {
    await bench.snapshot(1, 'a');
    bench.streams.lagging({ stream: STREAM });
    expect(bench.last.after).toEqual({ epoch: 'one', seq: 1 });
  });

  it('applies what had arrived when the connection is lost, even before the next frame', async () => {
    await bench.snapshot(1, 'a');
    bench.receive(delta(2, 1, 'b'));
    bench.streams.disconnected();
    expect(bench.text).toBe('ab');
    bench.frame();
    expect(bench.text).toBe('ab');
  });

  it('subscribes everything again after a reconnect, and ignores the reply of the lost connection', async () => {
    await bench.snapshot(1, 'a');
    bench.streams.connected();
    const lost = bench.last;
    bench.streams.disconnected();
    bench.streams.connected();
    await lost.answer({ mode: 'snapshot', epoch: 'one', seq: 1, state: stateWith('stale') });
    expect(bench.text).toBe('a');
    await bench.snapshot(2, 'ab');
    expect(bench.text).toBe('ab');
  });

  it('tries again after a failure, and stays refused after a refusal', async () => {
    await bench.last.refuse(new RequestFailed('timeout', ''));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(bench.subscriptions).toHaveLength(2);
    await bench.last.refuse(new RequestFailed('not_found', ''));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(bench.subscriptions).toHaveLength(2);
    expect(bench.conversation.reader.phase).toBe('refused');
  });

  it('skips a type of event that this page does not know', async () => {
    await bench.snapshot(1, 'a');
    bench.receive({ seq: 2, type: 'message.starred' as 'run.delta', at: 2, data: { id: ID } }, delta(3, 1, 'b'));
    bench.frame();
    expect(bench.text).toBe('ab');
  });

  it('backs off when the events never fit', async () => {
    for (let round = 0; round < 20; round++) {
      await bench.snapshot(1, 'a');
      bench.receive(delta(2, 7, 'x'));
      bench.frame();
    }
    expect(bench.subscriptions.length).toBeLessThanOrEqual(3);
  });

  it('unsubscribes with the last of its readers', async () => {
    const other = bench.streams.conversation(ID);
    bench.conversation.close();
    expect(bench.left).toEqual([]);
    other.close();
    other.close();
    expect(bench.left).toEqual([STREAM]);
  });

  it('calls listeners once for each event, and for snapshots', async () => {
    const received: string[] = [];
    bench.streams.conversation(ID, {
      event: ({ type }) => received.push(type),
      snapshot: () => received.push('snapshot'),
    });
    await bench.snapshot(1, 'a');
    bench.receive(delta(2, 1, 'b'), delta(2, 1, 'b'));
    bench.frame();
    expect(received).toEqual(['snapshot', 'run.delta']);
  });
});
