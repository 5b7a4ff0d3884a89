import { describe, expect, it } from 'vitest';
import type { ActiveRun } from '#protocol';
import { afterChange, isIncomplete } from './running-list.ts';

const run = (id: string, startedAt: number): ActiveRun => ({
  id,
  userId: 'u',
  userName: 'Ada',
  userEmail: 'ada@example.org',
  model: 'm',
  startedAt,
  conversationId: null,
});
const ids = (list: readonly ActiveRun[]) => list.map(({ id }) => id);

describe('the replies in progress', () => {
  it('begin and end, the longest-running first', () => {
    const first = afterChange([], { started: [run('b', 2), run('a', 1)], ended: [], active: 2 });
    expect(ids(first)).toEqual(['a', 'b']);
    expect(ids(afterChange(first, { started: [run('c', 3)], ended: ['a'], active: 2 }))).toEqual(['b', 'c']);
  });

  it('are listed once, whatever is repeated, and ends of unknown ones change nothing', () => {
    const list = [run('a', 1)];
    expect(ids(afterChange(list, { started: [run('a', 1)], ended: ['x'], active: 1 }))).toEqual(['a']);
  });

  it('are read again if they are not as many as the server says', () => {
    expect(isIncomplete([run('a', 1)], { started: [], ended: [], active: 1 })).toBe(false);
    expect(isIncomplete([run('a', 1)], { started: [], ended: [], active: 0 })).toBe(true);
    expect(isIncomplete([run('a', 1)], { started: [], ended: [], active: 1, more: true })).toBe(true);
    const hundred = Array.from({ length: 100 }, (_, n) => run(`r${n}`, n));
    expect(isIncomplete(hundred, { started: [], ended: [], active: 250 })).toBe(false);
  });
});
