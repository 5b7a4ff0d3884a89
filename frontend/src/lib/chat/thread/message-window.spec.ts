import { describe, expect, it } from 'vitest';
import { type BranchMessage, type ConversationState, NO_USAGE } from '#protocol';
import { hasGrownAbove, indexesOf, slideWindow } from './message-window.ts';

const message = (number: number, parent = number - 1): BranchMessage => ({
  id: `m${number}`,
  parentId: parent > 0 ? `m${parent}` : null,
  role: 'user',
  text: '',
  status: 'completed',
  createdAt: number,
  siblingIds: [],
});

const state = (from: number, to: number, hasMore = from > 1): ConversationState => ({
  conversation: {
    id: 'c',
    title: '',
    pinned: false,
    archived: false,
    leafId: `m${to}`,
    settings: {},
    usage: NO_USAGE,
    createdAt: 0,
    updatedAt: 0,
  },
  queue: [],
  draft: null,
  messages: Array.from({ length: to - from + 1 }, (_, at) => message(from + at)),
  hasMore,
});

const ids = ({ messages }: { messages: readonly BranchMessage[] }): string[] => messages.map(({ id }) => id);

describe('the window of the last messages', () => {
  it('knows at first only whether there are earlier messages', () => {
    expect(slideWindow({ messages: [], hasMore: false }, undefined, state(5, 9))).toEqual({
      messages: [],
      hasMore: true,
    });
  });

  it('keeps messages that move out of the window', () => {
    const slid = slideWindow({ messages: [], hasMore: true }, state(5, 9), state(7, 11));
    expect(ids(slid)).toEqual(['m5', 'm6']);
    expect(slid.hasMore).toBe(true);
    expect(ids(slideWindow(slid, state(7, 11), state(8, 12)))).toEqual(['m5', 'm6', 'm7']);
  });

  it('does not claim older messages when the window is the whole conversation', () => {
    expect(slideWindow({ messages: [], hasMore: false }, state(1, 5), state(2, 6)).hasMore).toBe(false);
  });

  it('keeps fetched pages while the window stays', () => {
    const fetched = { messages: [message(3), message(4)], hasMore: true };
    expect(slideWindow(fetched, state(5, 9), state(5, 10))).toBe(fetched);
  });

  it('keeps fetched pages over a snapshot that continues the window', () => {
    const fetched = { messages: [message(3), message(4)], hasMore: true };
    expect(ids(slideWindow(fetched, state(5, 9), state(7, 11)))).toEqual(['m3', 'm4', 'm5', 'm6']);
  });

  it('drops them when another branch comes into view', () => {
    const fetched = { messages: [message(3), message(4)], hasMore: true };
    expect(slideWindow(fetched, state(5, 9), state(20, 24))).toEqual({ messages: [], hasMore: true });
  });
});

describe('detecting older messages above', () => {
  const [some, more] = [state(5, 9).messages, state(1, 9).messages];

  it.each([
    ['came', some, more, true],
    ['did not come at the end', some, state(5, 11).messages, false],
    ['did not come with the first messages of all', [], some, false],
    ['did not come with another branch', some, state(20, 24).messages, false],
    ['came together with a new one', some, state(3, 10).messages, true],
  ])('%s', (_, before, after, hasGrown) => expect(hasGrownAbove(before, after)).toBe(hasGrown));
});

it('finds messages by their ids, and leaves out unknown ids', () => {
  expect(indexesOf(state(5, 9).messages, ['m9', undefined, 'm1', 'm5'])).toEqual([4, 0]);
});
