import { expect, it } from 'vitest';
import { dayOf, expiryOf } from './token-expiry.ts';

const NOON = new Date(2026, 10, 26, 12).getTime();

it.each([
  ['30', '', NOON + 30 * 86_400_000],
  ['365', '', NOON + 365 * 86_400_000],
  ['never', '', null],
  // The end of the day, even today.
  ['date', '2026-11-26', new Date(2026, 10, 27).getTime()],
  ['date', '2027-02-28', new Date(2027, 2, 1).getTime()],
  ['date', '2026-11-25', undefined],
  ['date', '0001-01-01', undefined],
  ['date', '', undefined],
  ['date', 'soon', undefined],
] as const)('a life of %s %s', (life, date, expiry) => expect(expiryOf(life, date, NOON)).toBe(expiry));

it('writes a day as the field takes it', () => {
  expect(dayOf(NOON)).toBe('2026-11-26');
  expect(dayOf(new Date(2026, 0, 5).getTime())).toBe('2026-01-05');
});
