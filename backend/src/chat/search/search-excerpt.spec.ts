import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { excerptSteps } from './search-excerpt.js';
import { isWanted, readSearch, type SearchWords, wordsIn } from './search-terms.js';

const search = (query: string): SearchWords => readSearch(query) ?? { whole: [], within: [], last: 'nothing' };
/** The excerpt, and the number of points at which its computation could be interrupted. */
function made(text: string, wanted: SearchWords) {
  const steps = excerptSteps(text, wanted);
  let pauses = 0;
  for (;;) {
    const { done, value } = steps.next();
    if (done) return { pieces: value, pauses };
    pauses += 1;
  }
}
const excerptOf = (text: string, wanted: SearchWords) => made(text, wanted).pieces;
const written = (text: string, query: string): string =>
  excerptOf(text, search(query))
    .map(({ text: piece, isMatch }) => (isMatch ? `[${piece}]` : piece))
    .join('');

describe('an excerpt', () => {
  it.each([
    ['Hello world', 'world', 'Hello [world]'],
    ['Hello, wörld!', 'WOR', 'Hello, [wörld]!'],
    ['the fox, the Fox and the foxes', 'the fox', '[the] [fox], [the] [Fox] and [the] [foxes]'],
    ['我喜欢学习中文。', '学习', '我喜欢[学习]中文。'],
    ['**bold** and <b>', 'bol', '**[bold]** and <b>'],
    ['nothing', 'else', ''],
  ])('of %j for %j is %j', (text, query, excerpt) => {
    expect(written(text, query)).toBe(excerpt);
  });

  it('of a word at the end of a long text is looked for with pauses', () => {
    const { pieces, pauses } = made(`${'before '.repeat(50_000)}needle`, search('needle'));
    expect(pieces.at(-1)).toEqual({ text: 'needle', isMatch: true });
    expect(pauses).toBeGreaterThanOrEqual(100);
  });

  it('is cut between words on both sides, with the match near its beginning', () => {
    const text = `${'before '.repeat(50)}needle${' behind'.repeat(50)}`;
    const excerpt = written(text, 'needle');
    expect(excerpt).toMatch(/^…(before )+\[needle\]( behind)+…$/);
    expect(excerpt.indexOf('[')).toBeLessThan(60);
    expect(excerpt.length).toBeGreaterThan(120);
    expect(excerpt.length).toBeLessThan(170);
  });

  it('shows the beginning of a word that is longer than the excerpt, without splitting a character', () => {
    expect(written(`a ${'x'.repeat(5_000)} b`, 'xx')).toMatch(/^a \[x{158}\]…$/);
    const family = '👨‍👩‍👧‍👦';
    const excerpt = written(`needle ${family.repeat(100)}`, 'needle').replace(/^\[needle\] |…$/g, '');
    expect(excerpt.replaceAll(family, '')).toBe('');
  });

  it('is a part of the text, of bounded length, in which only wanted words are marked', () => {
    const unit = fc.constantFrom(
      'a',
      'B',
      'é',
      'e\u0301',
      ' ',
      ' ',
      '\n',
      '-',
      '漢',
      '字',
      'か',
      '😀',
      '👩‍💻',
      '\ud83d',
      '１',
    );
    fc.assert(
      fc.property(
        fc.string({ unit, maxLength: 600 }),
        fc.string({ unit, minLength: 1, maxLength: 3 }),
        (text, query) => {
          const wanted = search(query);
          const pieces = excerptOf(text, wanted);
          const isThere = [...wordsIn(text)].some((word) => isWanted(word, wanted));
          expect(pieces.some(({ isMatch }) => isMatch)).toBe(isThere);
          const whole = pieces.map((piece) => piece.text).join('');
          expect(whole.length).toBeLessThanOrEqual(162);
          expect(text).toContain(whole.replace(/^…/, '').replace(/…$/, ''));
          expect(pieces.every((piece) => piece.text !== '')).toBe(true);
          if (text.isWellFormed()) expect(whole.isWellFormed()).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});
