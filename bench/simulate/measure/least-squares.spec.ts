import { describe, expect, it } from '@jest/globals';
import { fitCosts } from './least-squares.ts';

const sums = (costs: readonly number[], counts: readonly (readonly number[])[]) =>
  counts.map((some) => ({ counts: some, sum: some.reduce((sum, count, at) => sum + count * (costs[at] ?? 0), 0) }));

describe('fitCosts', () => {
  it('finds costs from exact sums', () => {
    const found = fitCosts(
      sums(
        [2_000, 30, 200],
        [
          [10, 1_200, 100],
          [33, 4_000, 125],
          [100, 2_000, 125],
          [58, 7_000, 125],
        ],
      ),
    );
    expect(found.map((cost) => Math.round(cost * 1e3) / 1e3)).toEqual([2_000, 30, 200]);
  });

  it('is between inconsistent sums', () => {
    const [cost] = fitCosts([
      { counts: [100], sum: 900 },
      { counts: [100], sum: 1_100 },
    ]);
    expect(cost).toBeGreaterThan(9);
    expect(cost).toBeLessThan(11);
  });

  it('finds no negative costs', () => {
    const found = fitCosts([
      { counts: [1, 1], sum: 10 },
      { counts: [1, 2], sum: 9 },
      { counts: [2, 1], sum: 21 },
    ]);
    expect(found[1]).toBe(0);
    expect(found[0]).toBeGreaterThan(9);
  });

  it('refuses sums that do not determine the costs', () => {
    expect(() =>
      fitCosts(
        sums(
          [3, 4],
          [
            [1, 2],
            [2, 4],
          ],
        ),
      ),
    ).toThrow(RangeError);
  });
});
