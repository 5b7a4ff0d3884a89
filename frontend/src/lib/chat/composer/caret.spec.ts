import { describe, expect, it } from 'vitest';
import { caretAfter } from './caret.ts';

describe('the caret, when the text is replaced', () => {
  it('stays where it is when the text changes after it', () => {
    expect(caretAfter('one two', 'one three', 3)).toBe(3);
  });

  it('moves along when text is inserted before it', () => {
    expect(caretAfter('two', 'one two', 3)).toBe(7);
    expect(caretAfter('two three', 'one two three', 4)).toBe(8);
  });

  it('stays at the end of a text that grows, and moves back to the end of one that shrinks', () => {
    expect(caretAfter('abc', 'abcdef', 3)).toBe(6);
    expect(caretAfter('', 'abc', 0)).toBe(3);
    expect(caretAfter('abcdef', '', 4)).toBe(0);
    expect(caretAfter('abcdef', 'abc', 6)).toBe(3);
  });

  it('moves to the end of the replacement when the words around it are replaced', () => {
    expect(caretAfter('a cat sat', 'a zebra sat', 3)).toBe(7);
  });
});
