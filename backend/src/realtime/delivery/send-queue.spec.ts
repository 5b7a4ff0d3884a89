import { describe, expect, it } from '@jest/globals';
import { SendQueue } from './send-queue.js';

describe('SendQueue', () => {
  it('counts what has not been sent', () => {
    const queue = new SendQueue();
    queue.note(10, 0, 0);
    queue.note(15, 0, 0);
    expect(queue.buffered).toBe(15);
    queue.note(15, 10, 0);
    expect(queue.buffered).toBe(5);
    queue.note(15, 15, 0);
    expect([queue.buffered, queue.behindMs(99_999)]).toEqual([0, 0]);
  });

  it('is as old as its oldest packet, however steadily the others come', () => {
    const queue = new SendQueue();
    queue.note(1, 0, 1_000);
    let total = 1;
    for (let now = 1_000; now < 5_000; now += 50) queue.note(++total, 0, now);
    expect(queue.behindMs(5_000)).toBe(4_000);
    queue.note(total, 1, 5_000);
    // The packets of the first 100 ms share a mark, and are not all sent.
    expect(queue.behindMs(5_000)).toBe(4_000);
    queue.note(total, total, 5_000);
    expect(queue.behindMs(5_000)).toBe(0);
  });

  it('keeps few marks', () => {
    const queue = new SendQueue();
    for (let now = 0; now < 10_000; now++) queue.note(now + 1, 0, now);
    expect(Reflect.get(queue, 'marks')).toHaveLength(100);
  });
});
