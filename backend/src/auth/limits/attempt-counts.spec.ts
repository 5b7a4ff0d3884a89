import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { AttemptCounts } from './attempt-counts.js';

describe('AttemptCounts', () => {
  afterEach(() => void jest.restoreAllMocks());
  const at = (ms: number): unknown => jest.spyOn(performance, 'now').mockReturnValue(ms);
  const begin = () => {
    at(1_000);
    const counts = new AttemptCounts();
    return (key = 'a') => counts.increment(key, 60_000, 2, 60_000);
  };

  it('blocks each key beyond its limit separately, and only for the given time', async () => {
    const attempt = begin();
    expect(await attempt()).toMatchObject({ totalHits: 1, isBlocked: false });
    at(11_000);
    expect(await attempt()).toMatchObject({ totalHits: 2, isBlocked: false, timeToExpire: 50 });
    expect(await attempt()).toMatchObject({ isBlocked: true, timeToBlockExpire: 60 });
    expect(await attempt('b')).toMatchObject({ totalHits: 1, isBlocked: false });
    at(70_999);
    expect(await attempt()).toMatchObject({ isBlocked: true, timeToBlockExpire: 1 });
    at(71_000);
    expect(await attempt()).toMatchObject({ totalHits: 1, isBlocked: false });
  });

  it('does not depend on the time of day', async () => {
    const attempt = begin();
    await attempt();
    await attempt();
    at(61_000);
    jest.spyOn(Date, 'now').mockReturnValue(0);
    expect(await attempt()).toMatchObject({ totalHits: 1, isBlocked: false });
  });

  it('forgets keys without recent attempts', async () => {
    at(1_000);
    const counts = new AttemptCounts();
    for (const key of ['a', 'b']) await counts.increment(key, 60_000, 1, 60_000);
    at(200_000);
    await counts.increment('c', 60_000, 1, 60_000);
    expect([...(Reflect.get(counts, 'attempts') as Map<string, unknown>).keys()]).toEqual(['c']);
  });
});
