import fc from 'fast-check';
import { expect, it } from 'vitest';
import { relativeTime } from './relative-time.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const now = Date.UTC(2026, 5, 15, 12);

it.each([
  [0, 'just now'],
  [44_000, 'just now'],
  [2 * MINUTE, '2 min. ago'],
  [50 * MINUTE, '1 hr. ago'],
  [5 * HOUR, '5 hr. ago'],
  [DAY, 'yesterday'],
  [12 * DAY, '12 days ago'],
  [60 * DAY, '2 mo. ago'],
  [800 * DAY, '2 yr. ago'],
  [-HOUR, 'just now'],
])('%i ms ago is %s', (ago, words) => expect(relativeTime(now - ago, now, 'en')).toBe(words));

it('never shows a time in the future, nor zero units', () => {
  fc.assert(
    fc.property(fc.integer({ min: -DAY, max: 4000 * DAY }), (ago) => {
      expect(relativeTime(now - ago, now, 'en')).not.toMatch(/^in |this |\b0\b|next/);
    }),
  );
});
