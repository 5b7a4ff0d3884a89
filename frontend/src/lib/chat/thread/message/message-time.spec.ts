import { describe, expect, it } from 'vitest';
import { messageTime } from './message-time.ts';

const now = new Date(2026, 2, 30, 0, 30).getTime();
const at = (...parts: [number, number, number, number, number]): number => new Date(...parts).getTime();

describe('the time of a message', () => {
  it.each([
    ['0:05', 'en-GB', at(2026, 2, 30, 0, 5)],
    ['12:05 AM', 'en-US', at(2026, 2, 30, 0, 5)],
    ['29 Mar, 23:59', 'en-GB', at(2026, 2, 29, 23, 59)],
    ['31 Dec 2025, 9:05', 'en-GB', at(2025, 11, 31, 9, 5)],
    ['29. März, 23:59', 'de', at(2026, 2, 29, 23, 59)],
    // The same day and month of another year.
    ['30 Mar 2025, 9:05', 'en-GB', at(2025, 2, 30, 9, 5)],
  ])('%s (%s)', (expected, locale, moment) => {
    // ICU writes a narrow space before AM, and pads hours by region.
    const shown = messageTime(moment, now, locale)
      .replaceAll('\u202F', ' ')
      .replace(/\b0(\d:)/, '$1');
    expect(shown).toBe(expected);
  });
});
