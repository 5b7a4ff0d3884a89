import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { EventRate } from './event-rate.js';

describe('EventRate', () => {
  afterEach(() => void jest.useRealTimers());
  const take = (rate: EventRate, times: number, id = 'a'): Promise<number[]> =>
    Promise.all(Array.from({ length: times }, () => rate.take(id)));

  it('gives a burst to each socket, then a steady rate, and says how long to wait', async () => {
    jest.useFakeTimers();
    const rate = new EventRate(10, 3);
    expect(await take(rate, 3)).toEqual([0, 0, 0]);
    expect(await take(rate, 1)).toEqual([300]);
    expect(await take(rate, 1, 'b')).toEqual([0]);
    jest.advanceTimersByTime(250);
    expect(await take(rate, 1)).toEqual([50]);
    jest.advanceTimersByTime(50);
    expect(await take(rate, 1)).toEqual([0]);
  });

  it('saves no more than a burst', async () => {
    jest.useFakeTimers();
    const rate = new EventRate(10, 2);
    jest.advanceTimersByTime(60_000);
    expect(await take(rate, 3)).toEqual([0, 0, 200]);
  });

  it('does not depend on the time of day', async () => {
    jest.useFakeTimers();
    const rate = new EventRate(10, 1);
    await take(rate, 1);
    jest.setSystemTime(Date.now() - 3_600_000);
    expect(await take(rate, 1)).toEqual([100]);
    jest.advanceTimersByTime(100);
    expect(await take(rate, 1)).toEqual([0]);
  });
});
