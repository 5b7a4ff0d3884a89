import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { costMicros } from './model-cost.js';

const of = (inputTokens: number, outputTokens: number) => ({ inputTokens, outputTokens });

describe('what tokens cost', () => {
  it.each([
    [of(1_000_000, 0), { input: 2, output: 8 }, 2_000_000],
    [of(1_000, 500), { input: 2, output: 8 }, 6_000],
    [of(0, 0), { input: 2, output: 8 }, 0],
    [of(1, 0), { input: 0.5, output: 8 }, 1],
    [of(1, 0), { input: 0.499_999, output: 8 }, 0],
    [of(100, 0), { input: 0.145, output: 8 }, 15],
    [of(5, 5), { input: 0.15, output: 0.15 }, 2],
    [of(2_000_000_000, 2_000_000_000), { input: 60, output: 600 }, 1_320_000_000_000],
  ])('is counted exactly for %j at %j: %d', (usage, price, micros) => {
    expect(costMicros(usage, price)).toBe(micros);
  });

  it('is at most half a millionth away from the exact sum, and never less for more tokens', () => {
    const tokens = fc.nat(10_000_000);
    const digits = fc.nat(1_000_000_000);
    fc.assert(
      fc.property(tokens, tokens, digits, digits, fc.nat(1_000), (input, output, a, b, more) => {
        const price = { input: a / 1e6, output: b / 1e6 };
        const micros = costMicros(of(input, output), price);
        expect(Number.isSafeInteger(micros)).toBe(true);
        const exact = BigInt(input) * BigInt(a) + BigInt(output) * BigInt(b);
        const off = BigInt(micros) * 1_000_000n - exact;
        expect(off > -500_000n && off <= 500_000n).toBe(true);
        expect(costMicros(of(input + more, output), price)).toBeGreaterThanOrEqual(micros);
      }),
    );
  });
});
