import { describe, expect, it } from 'vitest';
import type { ConversationSummary } from '#protocol';
import { ageLabel, groupConversations, untilTomorrow } from './conversation-group.ts';

const now = new Date(2026, 2, 30, 0, 30).getTime();
const at = (...parts: [number, number, number, number]): number => new Date(...parts).getTime();

describe('the label for the age of a conversation', () => {
  it.each([
    ['Today', at(2026, 2, 30, 0)],
    ['Yesterday', at(2026, 2, 29, 23)],
    ['Yesterday', at(2026, 2, 29, 0)],
    ['Previous 7 days', at(2026, 2, 28, 23)],
    ['Previous 7 days', at(2026, 2, 23, 0)],
    ['March', at(2026, 2, 22, 23)],
    ['January', at(2026, 0, 5, 9)],
    ['December 2025', at(2025, 11, 31, 9)],
  ])('%s', (label, moment) => {
    expect(ageLabel(moment, now, 'en')).toBe(label);
  });

  it('changes at midnight', () => {
    expect(untilTomorrow(at(2026, 2, 30, 23))).toBe(60 * 60 * 1000);
  });
});

it('puts pinned conversations under their own heading', () => {
  const make = (id: string, pinned: boolean, updatedAt: number): ConversationSummary => ({
    id,
    title: id,
    pinned,
    archived: false,
    leafId: null,
    createdAt: updatedAt,
    updatedAt,
    running: false,
  });
  const groups = groupConversations(
    [make('old but pinned', true, at(2025, 0, 1, 1)), make('new', false, now), make('newer', false, now)],
    now,
    'en',
  );
  expect(groups.map(({ label, conversations }) => [label, conversations.map(({ id }) => id)])).toEqual([
    ['Pinned', ['old but pinned']],
    ['Today', ['new', 'newer']],
  ]);
});
