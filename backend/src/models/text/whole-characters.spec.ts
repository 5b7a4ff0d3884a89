import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { beginningOf, WholeCharacters } from './whole-characters.js';

/** Any JavaScript string, including lone surrogates. */
const anyText = fc
  .array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('\ud83d', '\ude00', '😀')), { maxLength: 20 })
  .map((parts) => parts.join(''));

describe('whole characters', () => {
  test('are the same text, however it is split', () => {
    fc.assert(
      fc.property(anyText, fc.infiniteStream(fc.integer({ min: 1, max: 4 })), (text, sizes) => {
        const characters = new WholeCharacters();
        const pieces: string[] = [];
        for (let at = 0; at < text.length;) {
          const size = Number(sizes.next().value);
          pieces.push(characters.push(text.slice(at, at + size)));
          at += size;
        }
        pieces.push(characters.flush());
        expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
        expect(pieces.join('')).toBe(text.toWellFormed());
      }),
    );
  });

  test('hold back nothing but half a character', () => {
    const characters = new WholeCharacters();
    expect(characters.push('a\ud83d')).toBe('a');
    expect(characters.push('\ude00b')).toBe('😀b');
    expect(characters.flush()).toBe('');
  });
});

describe('the beginning of a text', () => {
  test('is never longer than asked, and ends with a whole character', () => {
    expect(beginningOf('ab😀', 4)).toBe('ab😀');
    expect(beginningOf('ab😀', 3)).toBe('ab');
    expect(beginningOf('ab😀', 2)).toBe('ab');
    expect(beginningOf('😀', 0)).toBe('');
  });
});
