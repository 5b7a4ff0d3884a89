import { beginningOf } from '../models/whole-characters.js';

/** A word of a text, and where it stands, in UTF-16 units; `keys` is what the index knows it by, seldom more than one. */
export interface PlacedWord {
  readonly start: number;
  readonly end: number;
  readonly keys: readonly string[];
}

/** What somebody looks for: all of it must be there, the last word only as a beginning. */
export interface SearchWords {
  readonly whole: readonly string[];
  readonly last: string;
}

/** Longer ones are machines' words, and known by their beginning. */
const MAX_WORD_LENGTH = 64;
/** So much of one is looked at: joiners and marks may go. */
const MAX_READ_LENGTH = 4 * MAX_WORD_LENGTH;
/** PostgreSQL refuses a `tsvector` of 1 MiB; a unit takes three bytes at most. */
const MAX_KEYS_LENGTH = 256 * 1024;

const LETTERS = String.raw`[\p{L}\p{N}\p{M}\u200c\u200d]+`;
const RUNS = new RegExp(String.raw`[\p{L}\p{N}\p{M}]${LETTERS}|[\p{L}\p{N}\p{M}]`, 'gu');
const KEYS = new RegExp(String.raw`[\p{L}\p{N}\p{M}]+`, 'gu');
const PLAIN = /^[a-zA-Z0-9]{1,64}$/;
const HAS_LETTER = /[\p{L}\p{N}]/u;
/** Scripts that put no space between words: only a dictionary knows where one ends. */
const UNSPACED = /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;
/** Accents and vocalisation. Not the vowels of Indic scripts, nor what tells か from が: those are other words. */
const ACCENTS = /(?=\p{M})[\p{sc=Inherited}\p{sc=Hebrew}](?<![\u3099\u309a])/gu;
const JOINERS = /[\u200c\u200d]/g;

// The language makes no difference to where words end, only to the machine's default.
const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

/**
 * The words of a text in their order, in any script. What has neither letter nor digit is no word. The same text always
 * has the same words, so that what is indexed is found.
 */
export function* wordsIn(text: string): Generator<PlacedWord> {
  for (const { 0: run, index } of text.matchAll(RUNS)) {
    for (const [at, word] of UNSPACED.test(run) ? segmentsOf(run) : [[0, run] as const]) {
      const keys = keysOf(word);
      if (keys.length > 0) yield { start: index + at, end: index + at + word.length, keys };
    }
  }
}

/** The different keys of a text, as many as the index takes. */
export function keysIn(text: string): string[] {
  const keys = new Set<string>();
  let length = 0;
  for (const word of wordsIn(text)) {
    for (const key of word.keys) {
      if (keys.has(key)) continue;
      length += key.length + 1;
      if (length > MAX_KEYS_LENGTH) return [...keys];
      keys.add(key);
    }
  }
  return [...keys];
}

/** @returns `undefined` for a query without a word, which nothing answers */
export function readSearch(query: string): SearchWords | undefined {
  const keys = [...wordsIn(query)].flatMap((word) => word.keys);
  const last = keys.pop();
  return last === undefined ? undefined : { whole: [...new Set(keys)], last };
}

/** Whether the word is one of those that are looked for. */
export const isWanted = ({ keys }: PlacedWord, { whole, last }: SearchWords): boolean =>
  keys.some((key) => whole.includes(key) || key.startsWith(last));

function* segmentsOf(run: string): Generator<readonly [number, string]> {
  for (const { index, segment } of segmenter.segment(run)) yield [index, segment];
}

/** Compatible characters as one, without accents and case: `Ångström`, `ÅNGSTRÖM` and `angstrom` are the same. */
function keysOf(word: string): string[] {
  // Most words of most texts, and a tenth of the work.
  if (PLAIN.test(word)) return [word.toLowerCase()];
  const lower = beginningOf(word, MAX_READ_LENGTH).normalize('NFKD').toLowerCase().normalize('NFKD');
  // Composed again, or a beginning might end within a letter.
  const folded = lower.replaceAll(ACCENTS, '').replaceAll(JOINERS, '').replaceAll('ς', 'σ').normalize('NFC');
  const keys = folded.match(KEYS)?.filter((key) => HAS_LETTER.test(key)) ?? [];
  return keys.map((key) => beginningOf(key, MAX_WORD_LENGTH));
}
