import { describe, expect, it } from '@jest/globals';
import { EventRate } from './event-rate.js';

describe('EventRate', () => {
  it('gives a burst, then a steady rate, and says how long to wait', () => {
    const rate = new EventRate(10, 3, 0);
    expect([rate.take(0), rate.take(0), rate.take(0)]).toEqual([0, 0, 0]);
    expect(rate.take(0)).toBe(100);
    expect(rate.take(50)).toBe(50);
    expect(rate.take(100)).toBe(0);
  });

  it('saves no more than a burst', () => {
    const rate = new EventRate(10, 2, 0);
    expect([rate.take(60_000), rate.take(60_000)]).toEqual([0, 0]);
    expect(rate.take(60_000)).toBeGreaterThan(0);
  });
});
