import { describe, expect, it } from '@jest/globals';
import { MAX_TOKENS, TokenCounts } from './token-counts.js';

const total = (...claims: [unknown, unknown][]) => {
  const counts = new TokenCounts();
  for (const [inputTokens, outputTokens] of claims) counts.add({ inputTokens, outputTokens });
  return counts.total;
};

describe('the counts of a provider', () => {
  it('are added up', () => {
    expect(total([11, 0], [0, 5])).toEqual({ inputTokens: 11, outputTokens: 5 });
    expect(total([MAX_TOKENS, 0])).toEqual({ inputTokens: MAX_TOKENS, outputTokens: 0 });
    expect(total()).toBeUndefined();
  });

  it.each([undefined, null, -1, 1.5, Number.NaN, 1e300, MAX_TOKENS + 1, '7', 7n, {}])('are ignored with %p', (odd) => {
    expect(total([odd, 1])).toBeUndefined();
    expect(total([1, odd])).toBeUndefined();
    expect(total([1, 1], [odd, odd], [1, 1])).toBeUndefined();
  });

  it('are ignored when their sum does not fit', () => {
    expect(total([MAX_TOKENS, 1], [1, 1])).toBeUndefined();
  });
});
