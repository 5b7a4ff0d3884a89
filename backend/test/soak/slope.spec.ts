import { describe, expect, it } from '@jest/globals';
import { slopeOf } from './slope.js';

const line = (count: number, y: (x: number) => number): (readonly [number, number])[] =>
  Array.from({ length: count }, (_, x) => [x, y(x)] as const);

describe('a slope', () => {
  it('is exact for points on a line', () => {
    const { slope, low, high } = slopeOf(line(10, (x) => 2 * x + 1));
    expect([slope, low, high]).toEqual([2, 2, 2]);
  });

  it('has an interval when the points deviate from the line', () => {
    const { slope, low, high } = slopeOf(line(20, (x) => 0.5 * x + 3 * Math.sin(7 * x)));
    expect(low).toBeLessThan(Math.min(slope, 0.5));
    expect(high).toBeGreaterThan(Math.max(slope, 0.5));
    expect(high - low).toBeLessThan(1);
  });

  it('is not affected by one outlier', () => {
    const { slope } = slopeOf(line(15, (x) => (x === 14 ? 100 : 0)));
    expect(slope).toBe(0);
  });

  it('is unbounded for a few points', () => {
    const { low, high } = slopeOf(line(3, (x) => x));
    expect([low, high]).toEqual([-Infinity, Infinity]);
  });
});
