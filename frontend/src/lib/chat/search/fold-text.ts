/** A text without case and accents; `at` maps its units back to the original. */
interface FoldedText {
  readonly folded: string;
  /** For each UTF-16 unit of `folded`, and for its end: the offset in the original text. */
  readonly at: readonly number[];
}

const MARKS = /\p{M}+/gu;

/** Removes case, accents and compatibility forms. */
export const fold = (text: string): string => text.normalize('NFKD').replaceAll(MARKS, '').toLowerCase();

/** Folds letter by letter and keeps the offsets; slower than `fold`, so only for texts in view. */
function foldWithPlaces(text: string): FoldedText {
  let folded = '';
  const at: number[] = [];
  let offset = 0;
  for (const letter of text) {
    const part = fold(letter);
    folded += part;
    for (let unit = 0; unit < part.length; unit++) at.push(offset);
    offset += letter.length;
  }
  at.push(offset);
  return { folded, at };
}

/** Where `wanted` occurs in a text, as UTF-16 offsets; case and accents are ignored. */
export function placesOf(text: string, wanted: string): readonly (readonly [start: number, end: number])[] {
  const needle = fold(wanted);
  if (needle === '') return [];
  const { folded, at } = foldWithPlaces(text);
  const places: [number, number][] = [];
  for (let found = folded.indexOf(needle); found >= 0; found = folded.indexOf(needle, found + needle.length)) {
    places.push([at[found] ?? 0, at[found + needle.length] ?? text.length]);
  }
  return places;
}

/** Whether each word of `query` is a prefix of a word in `words`. */
export function matchesWords(query: string, words: string): boolean {
  const known = fold(words)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
  return fold(query)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .every((word) => known.some((other) => other.startsWith(word)));
}
