import fc from 'fast-check';
import { expect, it } from 'vitest';
import { partsOfText } from './text-parts.ts';

it('parts end at line ends, and together are the text', () => {
  expect(partsOfText('one\ntwo\nthree', 8)).toEqual(['one\ntwo', 'three']);
  expect(partsOfText('no lines here', 5)).toEqual(['no li', 'nes h', 'ere']);
  expect(partsOfText('', 5)).toEqual([]);
});

it('no character is lost', () => {
  const letters = (text: string): string => text.replaceAll('\n', '');
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'bc', '\n', '\n\n')), fc.integer({ min: 1, max: 9 }), (words, length) => {
      const text = words.join('');
      const parts = partsOfText(text, length);
      expect(letters(parts.join(''))).toBe(letters(text));
      for (const part of parts) expect(part.length).toBeLessThanOrEqual(length);
    }),
  );
});
