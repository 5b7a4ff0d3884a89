import { describe, expect, it } from '@jest/globals';
import { slopeOf } from './slope.js';

describe('a slope', () => {
  it('is that of a line, without an error', () => {
    const { slope, error } = slopeOf([
      [1, 3],
      [2, 5],
      [4, 9],
    ]);
    expect([slope, error]).toEqual([expect.closeTo(2), expect.closeTo(0)]);
  });

  it('has an error where the points lie beside the line', () => {
    const { slope, error } = slopeOf([
      [0, 0],
      [1, 1],
      [2, 0],
      [3, 1],
    ]);
    expect([slope, error]).toEqual([expect.closeTo(0.2), expect.closeTo(0.283, 2)]);
  });

  it('of two points is not certain at all', () => {
    expect(
      slopeOf([
        [0, 0],
        [1, 1],
      ]).error,
    ).toBe(Infinity);
  });
});
