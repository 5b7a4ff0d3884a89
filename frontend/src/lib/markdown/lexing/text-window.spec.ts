import fc from 'fast-check';
import { expect, it } from 'vitest';
import { windowOf } from './text-window.ts';

it.each([
  ['fits', { length: 10, lines: 5 }, 'fits'],
  ['one\ntwo\nthree', { length: 9, lines: 5 }, 'one\ntwo\n'],
  ['one\ntwo\nthree', { length: 99, lines: 1 }, 'one\n'],
  ['- a\n- b\n  c\n  d\n', { length: 14, lines: 9 }, '- a\n- b\n  c\n'],
  ['- a\n- b\n- c\n  d\n', { length: 14, lines: 9 }, '- a\n- b\n'],
  ['no line at all', { length: 4, lines: 1 }, 'no l'],
  ['a😀b', { length: 2, lines: 1 }, 'a'],
])('of %j with %j is %j', (text, size, window) => expect(windowOf(text, size)).toBe(window));

it('is a prefix within the size and never empty', () => {
  const size = fc.record({ length: fc.integer({ min: 1, max: 20 }), lines: fc.integer({ min: 1, max: 5 }) });
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', '\n', ' ', '😀'), { minLength: 1 }), size, (parts, limits) => {
      const text = parts.join('');
      const window = windowOf(text, limits);
      expect(text.startsWith(window)).toBe(true);
      expect(window).not.toBe('');
      if (window !== text) expect(window.length).toBeLessThanOrEqual(limits.length);
    }),
  );
});
