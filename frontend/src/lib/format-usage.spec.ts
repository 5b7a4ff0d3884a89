import { describe, expect, it } from 'vitest';
import { costWords, tokenWords } from './format-usage.ts';

describe('a cost', () => {
  it.each([
    [0, '$0.00'],
    [1, '$0.000001'],
    [1_234, '$0.0012'],
    [50_000, '$0.05'],
    [123_456, '$0.12'],
    [999_999, '$1.00'],
    [12_345_678, '$12.35'],
  ])('of %i micros reads %s', (costMicros, words) => {
    expect(costWords({ costMicros }, 'USD', 'en-US')).toBe(words);
  });

  it('is written by the rules of its currency and the language', () => {
    expect(costWords({ costMicros: 1_500 }, 'EUR', 'de-DE')).toBe('0,0015\u00a0€');
    expect(costWords({ costMicros: 12_000_000 }, 'JPY', 'en-US')).toBe('¥12');
  });

  it('is marked as approximate, and undefined when unknown', () => {
    expect(costWords({ costMicros: 20_000, estimated: true }, 'USD', 'en-US')).toBe('≈ $0.02');
    expect(costWords({}, 'USD', 'en-US')).toBeUndefined();
    expect(costWords({ costMicros: 20_000 }, undefined, 'en-US')).toBeUndefined();
  });
});

it('writes tokens with separators, and marks estimates', () => {
  expect(tokenWords(12_345, {}, 'en-US')).toBe('12,345');
  expect(tokenWords(12, { estimated: true }, 'en-US')).toBe('≈ 12');
});
