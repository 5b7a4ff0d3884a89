import { expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';

it('doubles the delay up to a maximum, and randomises half of it', () => {
  const longest = Array.from({ length: 8 }, (_, attempt) => backoffMs(attempt, () => 1));
  expect(longest).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  expect(backoffMs(3, () => 0)).toBe(2000);
});
