import type { SearchHit } from '../../protocol/index.js';
import { isWanted, type PlacedWord, type SearchWords, wordsIn } from './search-terms.js';

type Pieces = SearchHit['excerpt'];

/** In UTF-16 units. */
const EXCERPT_LENGTH = 160;
/** The longest text before the first match. */
const LEAD_LENGTH = 48;
/** The number of words that are examined between two `yield`s: less than a millisecond. */
const WORDS_A_STEP = 500;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * About 160 UTF-16 units of the text around the first matching word, cut between words: the joined pieces are that part
 * of the text, with `…` where it was cut. It yields where it may be interrupted, because the word may be at the end of
 * a long text.
 * @returns an empty list when no word matches
 */
export function* excerptSteps(text: string, wanted: SearchWords): Generator<undefined, Pieces> {
  const { before, words } = yield* aroundFirst(text, wanted);
  const [first] = words;
  if (!first) return [];
  const start = first.start <= LEAD_LENGTH ? 0 : (before[0] ?? first).start;
  const end = endOf(text, start, words);

  const pieces: Pieces = [];
  let at = start;
  const add = (to: number, isMatch: boolean): void => {
    if (to > at) pieces.push({ text: text.slice(at, to), isMatch });
    at = Math.max(at, to);
  };
  for (const word of words) {
    if (!isWanted(word, wanted) || word.start >= end) continue;
    add(word.start, false);
    add(Math.min(word.end, end), true);
  }
  add(end, false);
  return withEllipses(pieces, start > 0, end < text.length);
}

/**
 * `words`: the first matching word and the following ones, up to the first that does not fit into the excerpt.
 * `before`: the words that fit before the first match.
 */
function* aroundFirst(
  text: string,
  wanted: SearchWords,
): Generator<undefined, { readonly before: readonly PlacedWord[]; readonly words: readonly PlacedWord[] }> {
  let before: PlacedWord[] = [];
  const words: PlacedWord[] = [];
  let looked = 0;
  for (const word of wordsIn(text)) {
    looked += 1;
    if (looked % WORDS_A_STEP === 0) yield;
    const [first] = words;
    if (first) {
      words.push(word);
      if (word.end - (before[0] ?? first).start > EXCERPT_LENGTH) break;
    } else if (isWanted(word, wanted)) {
      before = before.filter(({ start }) => word.start - start <= LEAD_LENGTH);
      words.push(word);
    } else {
      if (before.length >= LEAD_LENGTH) before.shift();
      before.push(word);
    }
  }
  return { before, words };
}

/** The end of the excerpt: between words if possible, and never within a grapheme. */
function endOf(text: string, start: number, words: readonly PlacedWord[]): number {
  const longest = start + EXCERPT_LENGTH;
  if (longest >= text.length) return text.length;
  const whole = words.findLast(({ end }) => end <= longest);
  if (whole && whole !== words.at(-1)) return whole.end;
  const cut = graphemes.segment(text.slice(start, longest + EXCERPT_LENGTH)).containing(EXCERPT_LENGTH);
  return cut && cut.index > 0 ? start + cut.index : longest;
}

/** Adds ellipses where the text was cut: as a separate piece beside a marked word, otherwise within the piece. */
function withEllipses(pieces: Pieces, isCutBefore: boolean, isCutBehind: boolean): Pieces {
  const whole = pieces.map(({ text, isMatch }, index) => {
    const before = isCutBefore && !isMatch && index === 0 ? '…' : '';
    const behind = isCutBehind && !isMatch && index === pieces.length - 1 ? '…' : '';
    return { text: `${before}${text}${behind}`, isMatch };
  });
  const cut = { text: '…', isMatch: false };
  if (isCutBefore && pieces[0]?.isMatch) whole.unshift(cut);
  if (isCutBehind && pieces.at(-1)?.isMatch) whole.push(cut);
  return whole;
}
