import { describe, expect, it } from '@jest/globals';
import { SendQueue } from './send-queue.js';

describe('SendQueue', () => {
  it('counts what is neither sent nor handed over', () => {
    const queue = new SendQueue();
    queue.add(10, 0);
    queue.handOver();
    queue.add(5, 0);
    expect(queue.buffered).toBe(15);
    queue.drained();
    expect(queue.buffered).toBe(5);
    queue.handOver();
    queue.drained();
    expect([queue.buffered, queue.behindMs(99_999)]).toEqual([0, 0]);
  });

  it('is as old as its oldest packet, however steadily the others come', () => {
    const queue = new SendQueue();
    queue.add(1, 1_000);
    queue.handOver();
    for (let now = 1_000; now < 5_000; now += 50) queue.add(1, now);
    expect(queue.behindMs(5_000)).toBe(4_000);
    queue.drained();
    // The mark is shared by packets of the first 100 ms, which are not all gone.
    expect(queue.behindMs(5_000)).toBe(4_000);
    queue.handOver();
    queue.drained();
    expect(queue.behindMs(5_000)).toBe(0);
  });

  it('keeps few marks', () => {
    const queue = new SendQueue();
    for (let now = 0; now < 10_000; now++) queue.add(1, now);
    expect(Reflect.get(queue, 'marks')).toHaveLength(100);
  });
});
