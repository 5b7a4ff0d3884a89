/*
 * The words of a text as the search knew them on 2026-11-26. A migration gives the same rows whenever it runs, so it must not
 * follow `backend/src/chat/search/search-terms.ts`: a change of that comes with a migration that has a copy of its own.
 */

/** A word of a text, and where it stands, in UTF-16 units; `keys` is what the index knows it by, seldom more than one. */
interface PlacedWord {
  readonly start: number;
  readonly end: number;
  readonly keys: readonly string[];
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
/**
 * Katakana, which is put together without a space or any other sign: ソフトウェアエンジニア. Dictionaries know too few
 * of these words, and divide them in one way here and in another there. So a run of it is one word, known also by each
 * of its ends: whatever it is made of is the beginning of one.
 */
const KATAKANA_RUNS =
  /[\u30a1-\u30fa\u30fd-\u30ff\u31f0-\u31ff\uff66-\uff6f\uff71-\uff9d][\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f\u3099\u309a]*/g;
const KATAKANA = /^[\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff]+$/;
/** No word begins with one of these: small letters, and what makes a vowel long. */
const NO_BEGINNING = /^[ァィゥェォッャュョヮヵヶー\u31f0-\u31ff]/;
/** Accents and vocalisation. Not the vowels of Indic scripts, nor what tells か from が: those are other words. */
const ACCENTS = /(?=\p{M})[\p{sc=Inherited}\p{sc=Hebrew}](?<![\u3099\u309a])/gu;
const JOINERS = /[\u200c\u200d]/g;

// The language makes no difference to where words end, only to the machine's default.
const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

/**
 * The words of a text in their order, in any script. What has neither letter nor digit is no word. The same text always
 * has the same words, so that what is indexed is found.
 */
function* wordsIn(text: string): Generator<PlacedWord> {
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

/** A key, and in katakana each of its ends that may be a word. */
function endsOf(key: string): string[] {
  if (!KATAKANA.test(key)) return [key];
  const ends = Array.from({ length: key.length - 1 }, (_, at) => key.slice(at));
  return [key, ...ends.slice(1).filter((end) => !NO_BEGINNING.test(end))];
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

/** The longest beginning of `text` with at most `length` UTF-16 units that does not end in half a character. */
function beginningOf(text: string, length: number): string {
  if (text.length <= length) return text;
  return text.slice(0, length > 0 && isHigh(text.charCodeAt(length - 1)) ? length - 1 : length);
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
