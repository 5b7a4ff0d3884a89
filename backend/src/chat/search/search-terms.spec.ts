import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isWanted, keysIn, readSearch, wordsIn } from './search-terms.js';

const text = fc.string({ unit: 'binary', maxLength: 200 });
/** Scripts with spaces between words, which need no dictionary. */
const spaced = fc
  .array(
    fc.constantFrom('naïve', 'Ångström', 'Привет', 'ΣΊΣΥΦΟΣ', 'שָׁלוֹם', 'हिन्दी', '한국어', 'x1', 'a_b', '-', '…', '👩‍💻'),
  )
  .map((words) => words.join(' '));

/** Whether the search that this query makes would find the text. */
function finds(query: string, searched: string): boolean {
  const wanted = readSearch(query);
  if (!wanted) return false;
  const keys = keysIn(searched);
  const hasBeginning = (word: string): boolean => keys.some((key) => key.startsWith(word));
  return wanted.whole.every((key) => keys.includes(key)) && [...wanted.within, wanted.last].every(hasBeginning);
}

describe('the words of a text', () => {
  it.each([
    ['', []],
    ['  *** -- “…” 👍🏽 + = \n', []],
    ['Hello, World! hello', ['hello', 'world']],
    ['Crème BRÛLÉE, naïveté', ['creme', 'brulee', 'naivete']],
    ['İstanbul STRASSE Straße', ['istanbul', 'strasse', 'straße']],
    ['snake_case v1.2.3 foo@example.com', ['snake', 'case', 'v1', '2', '3', 'foo', 'example', 'com']],
    ["don't ﬁx ½ of ②", ['don', 't', 'fix', '1', '2', 'of']],
    ['ΟΔΥΣΣΕΥΣ Οδυσσεύς', ['οδυσσευσ']],
    ['Ёлка ёж', ['елка', 'еж']],
    ['مُحَمَّد محمد', ['محمد']],
    ['1️⃣', ['1']],
    ['می\u200cخواهم', ['میخواهم']],
  ])('%j', (written, keys) => {
    expect(keysIn(written)).toEqual(keys);
  });

  it('are separated in scripts without spaces', () => {
    expect(keysIn('我喜欢学习中文。')).toEqual(expect.arrayContaining(['喜欢', '学习', '中文']));
    expect(keysIn('東京の天気は？')).toEqual(expect.arrayContaining(['東京', '天気']));
    expect(keysIn('สวัสดีครับ')).toEqual(expect.arrayContaining(['สวัสดี']));
  });

  it.each([
    ['エンジニア', 'ソフトウェアエンジニアを募集'],
    ['ソフトウェアエンジ', 'ソフトウェアエンジニアを募集'],
    ['サポート', 'カスタマーサポートセンター'],
    ['カスタマー', 'カスタマーサポートセンター'],
    ['センター', 'カスタマーサポートセンター'],
    ['サポート 電話', 'カスタマーサポートセンターの電話番号'],
    ['ベース', 'ﾃﾞｰﾀﾍﾞｰｽ'],
    ['ﾍﾞｰｽ', 'データベース'],
    ['データ設計', 'データの設計'],
    ['らーめん', '味噌らーめん'],
  ])('are found within katakana: %s in %s', (query, written) => expect(finds(query, written)).toBe(true));

  it('are not found where they are not, in katakana either', () => {
    expect(finds('エンジン', 'ソフトウェアエンジニア')).toBe(false);
    expect(finds('タベース', 'データ')).toBe(false);
    expect(keysIn('ァ'.repeat(5) + 'カ'.repeat(1_000)).join('').length).toBeLessThan(5_000);
  });

  it('keep what makes another word of them: か is not が, कि is not का', () => {
    expect(finds('か', 'が')).toBe(false);
    expect(finds('कि', 'का')).toBe(false);
    expect(finds('か\u3099', 'が')).toBe(true);
  });

  it('have correct offsets in ascending order, and keys of letters, digits and marks only', () => {
    fc.assert(
      fc.property(text, (written) => {
        let at = 0;
        for (const { start, end, keys } of wordsIn(written)) {
          expect(start).toBeGreaterThanOrEqual(at);
          expect(end).toBeGreaterThan(start);
          expect(keys.length).toBeGreaterThan(0);
          for (const key of keys) expect(key).toMatch(/^[\p{L}\p{N}\p{M}]{1,64}$/u);
          at = end;
        }
        expect(at).toBeLessThanOrEqual(written.length);
      }),
    );
  });

  it('are the same in any case and any form of Unicode', () => {
    fc.assert(
      fc.property(spaced, (written) => {
        const keys = keysIn(written);
        for (const same of [
          written.normalize('NFC'),
          written.normalize('NFD'),
          written.toUpperCase(),
          keys.join(' '),
        ]) {
          expect(keysIn(same)).toEqual(keys);
        }
      }),
    );
  });

  it('find the text that they are taken from, the last one by its beginning', () => {
    fc.assert(
      fc.property(fc.oneof(text, spaced), fc.nat(), fc.nat(), (written, a, b) => {
        const words = [...wordsIn(written)];
        fc.pre(words.length > 0);
        const [one, other] = [words[a % words.length], words[b % words.length]];
        expect(finds(`${one?.keys[0]} ${other?.keys.at(-1)?.slice(0, 1)}`.toWellFormed(), written)).toBe(true);
      }),
    );
  });

  it('are limited to what an index can hold', () => {
    const keys = keysIn(Array.from({ length: 80_000 }, (_, index) => index.toString(36)).join(' '));
    expect(keys.length).toBeGreaterThan(10_000);
    expect(Buffer.byteLength(keys.join(' '))).toBeLessThan(900_000);
    expect(keysIn('x'.repeat(1_000_000))).toEqual(['x'.repeat(64)]);
  });
});

describe('a search', () => {
  it('wants every word, the last one as a beginning', () => {
    expect(readSearch('Foo BAR foo ba')).toEqual({ whole: ['foo', 'bar'], within: [], last: 'ba' });
    expect(finds('quick fo', 'The quick fox')).toBe(true);
    expect(finds('qui fox', 'The quick fox')).toBe(false);
    expect(finds('quick dog', 'The quick fox')).toBe(false);
  });

  it.each(['', ' ', '"', '*', '%%', 'ा', '("" AND *)'.replace('AND', '')])('without a word is none: %j', (query) => {
    expect(readSearch(query)).toBeUndefined();
  });

  it('recognises a word that contains a searched katakana word', () => {
    const wanted = readSearch('エンジニア');
    const marked = [...wordsIn('東京のソフトウェアエンジニアです')].filter((word) => wanted && isWanted(word, wanted));
    expect(marked.map(({ keys }) => keys[0])).toEqual(['ソフトウェアエンジニア']);
  });

  it('recognises its words in a text', () => {
    const wanted = readSearch('creme bru');
    const marked = [...wordsIn('A Crème-Brûlée, a cremeschnitte')].filter((word) => wanted && isWanted(word, wanted));
    expect(marked.map(({ keys }) => keys[0])).toEqual(['creme', 'brulee']);
  });
});
