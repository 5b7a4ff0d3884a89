import { describe, expect, it } from 'vitest';
import { amountWords, resetWords } from './format-budget.ts';

describe('a budget in words', () => {
  it.each([
    ['tokens', 1_250_000, '1,250,000 tokens'],
    ['tokens', 0, '0 tokens'],
    ['tokens', 1, '1 token'],
    ['money', 1_500_000, '€1.50'],
    ['money', 1_200, '€0.0012'],
  ] as const)('in %s: %d is "%s"', (unit, amount, words) => {
    expect(amountWords(unit, amount, 'EUR')).toBe(words);
  });

  it('begins anew at a date and a time of this device', () => {
    const at = Date.UTC(2026, 10, 27);
    const time = new Date(at).toLocaleTimeString('de', { hour: 'numeric', minute: '2-digit' });
    expect(resetWords(at, 'de')).toContain(time);
    expect(resetWords(at, 'de')).toContain('November');
    expect(resetWords(at, 'fr')).toContain('novembre');
  });
});
