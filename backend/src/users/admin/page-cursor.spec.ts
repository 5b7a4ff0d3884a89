import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { pageCursor, pageOf } from './page-cursor.js';

const rows = (count: number): { readonly id: string }[] => Array.from({ length: count }, () => ({ id: uuidv7() }));

describe('a page', () => {
  it('has the id of its last item as the cursor of the next page', () => {
    const [first, second, third] = rows(3);
    const page = pageOf(
      [first, second, third].flatMap((row) => row ?? []),
      2,
      ({ id }) => id,
    );
    expect(page.items).toEqual([first?.id, second?.id]);
    expect(pageCursor.parse(page.nextCursor)).toBe(second?.id);
  });

  it.each([0, 1, 2])('is the last one with %d of 2 rows', (count) => {
    expect(pageOf(rows(count), 2, ({ id }) => id).nextCursor).toBeNull();
  });

  it('refuses every invalid cursor, and never throws another error', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = pageCursor.safeParse(text);
        expect(parsed.success ? parsed.data : '').toMatch(/^$|^[\da-f-]{36}$/);
      }),
    );
    expect(pageCursor.safeParse('').success).toBe(false);
    expect(pageCursor.safeParse('A'.repeat(200)).success).toBe(false);
  });
});
