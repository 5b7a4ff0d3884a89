import { describe, expect, it } from '@jest/globals';
import { median, quantile, spreadOf } from './figures.ts';

describe('quantile', () => {
  const hundred = [...Array(100).keys()].toReversed();

  it('takes values in any order', () => {
    expect(quantile(hundred, 0.5)).toBe(50);
    expect(quantile(hundred, 0.99)).toBe(99);
  });

  it('stays within the values', () => {
    expect(quantile([7], 0.99)).toBe(7);
    expect(quantile(hundred, 1)).toBe(99);
    expect(quantile(hundred, 0)).toBe(0);
  });

  it('compares numbers as numbers', () => {
    expect(median([10, 9, 100])).toBe(10);
  });

  it('is NaN without values', () => {
    expect(quantile([], 0.5)).toBeNaN();
  });
});

describe('spreadOf', () => {
  it('goes from the minimum to the maximum', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  });

  it('is missing without values', () => {
    expect(spreadOf([])).toBeUndefined();
  });
});
