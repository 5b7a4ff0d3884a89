import { expect, it } from 'vitest';
import { isLongerThan } from './text-bytes.ts';

it('counts a text in bytes of UTF-8, whatever it is made of', () => {
  for (const [text, bytes] of [
    ['', 0],
    ['abc', 3],
    ['äöü', 6],
    ['日本', 6],
    ['😀', 4],
  ] as const) {
    expect(isLongerThan(text, bytes), text).toBe(false);
    expect(isLongerThan(text, bytes - 1), text).toBe(true);
  }
});
