import { expect, it } from '@jest/globals';
import { GIVE_UP_AFTER_MS, nextAttemptAt } from './back-off.js';

it('pauses longer after each failure, and tries for the last time after a day', () => {
  const attempts: number[] = [];
  for (let now: number | null = 0; now !== null; now = nextAttemptAt(attempts.length, now, GIVE_UP_AFTER_MS)) {
    attempts.push(now);
  }
  const pauses = attempts.slice(1).map((at, index) => (at - (attempts[index] ?? 0)) / 1_000);
  expect(pauses.slice(0, 8)).toEqual([5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400]);
  expect(attempts.at(-1)).toBe(GIVE_UP_AFTER_MS);
  expect(attempts.length).toBeGreaterThan(8);
});
