import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EventBatch } from '../../streams/log/committed-batch.js';
import { StreamOrder } from './stream-order.js';

const STREAM = 'conversation:one';

const batch = (...seqs: number[]): EventBatch =>
  new EventBatch(
    STREAM,
    'epoch',
    seqs.map((seq) => ({ seq, type: 'conversation.deleted', at: 0, data: { id: 'one' } })),
  );

describe('the order of a stream', () => {
  let passed: number[];
  let log: number[];
  let fetches: number[];
  let isAway: boolean;
  let order: StreamOrder;

  beforeEach(() => {
    jest.useFakeTimers();
    [passed, log, fetches, isAway] = [[], [], [], false];
    order = new StreamOrder({
      pass: ({ events }) => passed.push(...events.map(({ seq }) => seq)),
      fetch: (_stream, after) => {
        fetches.push(after);
        if (isAway) return Promise.reject(new Error('away'));
        order.add(batch(...log.filter((seq) => seq > after)), true);
        return Promise.resolve();
      },
    });
    order.follow(STREAM, 1);
  });
  afterEach(() => void jest.useRealTimers());

  it('passes on batches in order at once, and drops repeated ones', () => {
    for (const seqs of [[2], [3, 4], [4], [2, 3]]) order.add(batch(...seqs));
    expect(passed).toEqual([2, 3, 4]);
    expect(order.entries).toEqual([[STREAM, 4]]);
  });

  it('holds an early batch until the missing one arrives', async () => {
    for (const seqs of [[4], [5, 6], [3]]) order.add(batch(...seqs));
    expect(passed).toEqual([]);
    order.add(batch(2));
    expect(passed).toEqual([2, 3, 4, 5, 6]);
    await jest.runAllTimersAsync();
    expect(fetches).toEqual([]);
  });

  it('reads a missing batch from the log, once, and continues after it', async () => {
    log = [1, 2, 3, 4];
    order.add(batch(4));
    order.add(batch(5));
    await jest.runAllTimersAsync();
    expect(passed).toEqual([2, 3, 4, 5]);
    expect(fetches).toEqual([1]);
  });

  it('reads events of which only the head is known', async () => {
    log = [1, 2, 3];
    order.expect(STREAM, 3);
    await jest.runAllTimersAsync();
    expect(passed).toEqual([2, 3]);
  });

  it('tries again while the log cannot be read', async () => {
    isAway = true;
    log = [1, 2];
    order.expect(STREAM, 2);
    await jest.advanceTimersByTimeAsync(1_200);
    expect(fetches.length).toBeGreaterThan(1);
    isAway = false;
    await jest.runAllTimersAsync();
    expect(passed).toEqual([2]);
  });

  it('does not wait for events that the log does not have', async () => {
    order.add(batch(4));
    await jest.runAllTimersAsync();
    expect(passed).toEqual([4]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('reads the rest for a socket that has read less than earlier ones', async () => {
    log = [1, 2, 3];
    for (const seq of [2, 3]) order.add(batch(seq));
    order.follow(STREAM, 1);
    await jest.runAllTimersAsync();
    expect(passed).toEqual([2, 3, 2, 3]);
  });

  it('drops waiting batches when the stream is forgotten', async () => {
    order.add(batch(3));
    order.forget(STREAM);
    await jest.runAllTimersAsync();
    expect([passed, fetches, jest.getTimerCount()]).toEqual([[], [], 0]);
  });

  it('keeps a bounded number of batches, and reads the rest', async () => {
    log = Array.from({ length: 500 }, (_, index) => index + 1);
    for (let seq = 3; seq <= 500; seq += 1) order.add(batch(seq));
    await jest.runAllTimersAsync();
    expect(passed).toEqual(log.slice(1));
  });
});
