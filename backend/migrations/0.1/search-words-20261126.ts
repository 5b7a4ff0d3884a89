/*
 * A copy of the word splitting of the search of 2026-11-26. A migration must have the same result whenever it runs, so
 * it must not import `backend/src/chat/search/search-terms.ts`: a change there needs a new migration with its own copy.
 */

/** A word of a text with its offsets in UTF-16 units; `keys` are its entries in the index, rarely more than one. */
interface PlacedWord {
  readonly start: number;
  readonly end: number;
  readonly keys: readonly string[];
}

/** Longer words are machine-generated; only their beginning is indexed. */
const MAX_WORD_LENGTH = 64;
/** How much of a word is read, since joiners and marks are removed from it. */
const MAX_READ_LENGTH = 4 * MAX_WORD_LENGTH;
/** PostgreSQL limits a `tsvector` to 1 MiB; a UTF-16 unit takes three bytes at most. */
const MAX_KEYS_LENGTH = 256 * 1024;

const LETTERS = String.raw`[\p{L}\p{N}\p{M}\u200c\u200d]+`;
const RUNS = new RegExp(String.raw`[\p{L}\p{N}\p{M}]${LETTERS}|[\p{L}\p{N}\p{M}]`, 'gu');
const KEYS = new RegExp(String.raw`[\p{L}\p{N}\p{M}]+`, 'gu');
const PLAIN = /^[a-zA-Z0-9]{1,64}$/;
const HAS_LETTER = /[\p{L}\p{N}]/u;
/** Scripts without spaces between words: a dictionary is needed to find the ends of words. */
const UNSPACED = /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;
/**
 * Katakana compounds have no separators: ソフトウェアエンジニア. Dictionaries contain too few of them, and split them
 * inconsistently. So a run of katakana is one word, which is also indexed by each of its suffixes: every part of the
 * compound is the beginning of one of them.
 */
const KATAKANA_RUNS =
  /[\u30a1-\u30fa\u30fd-\u30ff\u31f0-\u31ff\uff66-\uff6f\uff71-\uff9d][\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f\u3099\u309a]*/g;
const KATAKANA = /^[\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff]+$/;
/** No word begins with one of these: small kana and the mark for a long vowel. */
const NO_BEGINNING = /^[ァィゥェォッャュョヮヵヶー\u31f0-\u31ff]/;
/** Accents and vowel points. Vowel signs of Indic scripts, and the marks that turn か into が, make other words. */
const ACCENTS = /(?=\p{M})[\p{sc=Inherited}\p{sc=Hebrew}](?<![\u3099\u309a])/gu;
const JOINERS = /[\u200c\u200d]/g;

// The language has no influence on word boundaries; it is set so that the default of the machine does not matter.
const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

/**
 * The words of a text in order, in any script; punctuation is ignored. The same text always has the same words, so that
 * indexed text is found again.
 */
function* wordsIn(text: string): Generator<PlacedWord> {
  for (const { 0: run, index } of text.matchAll(RUNS)) {
    for (const [at, word] of UNSPACED.test(run) ? segmentsOf(run) : [[0, run] as const]) {
      const keys = keysOf(word);
      if (keys.length > 0) yield { start: index + at, end: index + at + word.length, keys };
    }
  }
}

/** The distinct keys of a text, up to the limit of the index. */
export function keysIn(text: string): string[] {
  const keys = new Set<string>();
  let length = 0;
  for (const word of wordsIn(text)) {
    for (const key of word.keys.flatMap(endsOf)) {
      if (keys.has(key)) continue;
      length += key.length + 1;
      if (length > MAX_KEYS_LENGTH) return [...keys];
      keys.add(key);
    }
  }
  return [...keys];
}

function* segmentsOf(run: string): Generator<readonly [number, string]> {
  let at = 0;
  for (const { 0: katakana, index } of run.matchAll(KATAKANA_RUNS)) {
    yield* dividedByDictionary(run, at, index);
    yield [index, katakana];
    at = index + katakana.length;
  }
  yield* dividedByDictionary(run, at, run.length);
}

function* dividedByDictionary(run: string, from: number, to: number): Generator<readonly [number, string]> {
  if (from === to) return;
  for (const { index, segment } of segmenter.segment(run.slice(from, to))) yield [from + index, segment];
}

/** A key, and for katakana each of its suffixes that may begin a word. */
function endsOf(key: string): string[] {
  if (!KATAKANA.test(key)) return [key];
  const ends = Array.from({ length: key.length - 1 }, (_, at) => key.slice(at));
  return [key, ...ends.slice(1).filter((end) => !NO_BEGINNING.test(end))];
}

/** Folds compatibility characters, accents and case: `Ångström`, `ÅNGSTRÖM` and `angstrom` have the same key. */
function keysOf(word: string): string[] {
  // A fast path for most words, at a tenth of the cost.
  if (PLAIN.test(word)) return [word.toLowerCase()];
  const lower = beginningOf(word, MAX_READ_LENGTH).normalize('NFKD').toLowerCase().normalize('NFKD');
  // Composed again, since a prefix might otherwise end within a letter.
  const folded = lower.replaceAll(ACCENTS, '').replaceAll(JOINERS, '').replaceAll('ς', 'σ').normalize('NFC');
  const keys = folded.match(KEYS)?.filter((key) => HAS_LETTER.test(key)) ?? [];
  return keys.map((key) => beginningOf(key, MAX_WORD_LENGTH));
}

/** The longest prefix of `text` with at most `length` UTF-16 units that does not split a surrogate pair. */
function beginningOf(text: string, length: number): string {
  if (text.length <= length) return text;
  return text.slice(0, length > 0 && isHigh(text.charCodeAt(length - 1)) ? length - 1 : length);
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
