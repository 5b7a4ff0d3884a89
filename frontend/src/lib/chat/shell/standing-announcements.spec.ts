import { expect, it } from 'vitest';
import type { Announcement } from '#protocol';
import { firstEnd, standingAnnouncements } from './standing-announcements.ts';

const one = (id: string, endsAt: number | null = null): Announcement => ({
  id,
  text: id,
  tone: 'info',
  endsAt,
  createdAt: 0,
});
const idsOf = (announcements: readonly Announcement[]): string[] => announcements.map(({ id }) => id);

it('shows the newest first, without those that have ended or were closed', () => {
  const all = [one('first'), one('ended', 100), one('closed'), one('later', 101)];
  expect(idsOf(standingAnnouncements(all, ['closed', 'unknown'], 100))).toEqual(['later', 'first']);
  expect(idsOf(standingAnnouncements(all, [], 99))).toEqual(['later', 'closed', 'ended', 'first']);
});

it('shows nothing until it is known what was closed', () => {
  expect(standingAnnouncements([one('first')], undefined, 0)).toEqual([]);
});

it('finds the next end', () => {
  expect(firstEnd([one('first'), one('later', 101), one('sooner', 100)])).toBe(100);
  expect(firstEnd([one('first')])).toBe(Number.POSITIVE_INFINITY);
  expect(firstEnd([])).toBe(Number.POSITIVE_INFINITY);
});
