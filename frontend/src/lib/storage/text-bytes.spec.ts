import { expect, it } from 'vitest';
import { isLongerThan } from './text-bytes.ts';

it('counts the UTF-8 bytes of any text', () => {
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
