/** A text as searching sees it: without case and accents. `at` says where each of its units came from. */
interface FoldedText {
  readonly folded: string;
  /** For each UTF-16 unit of `folded`, and its end, the offset in the text that was folded. */
  readonly at: readonly number[];
}

const MARKS = /\p{M}+/gu;

/** Without case, accents and compatibility forms; for comparing whole words. */
export const fold = (text: string): string => text.normalize('NFKD').replaceAll(MARKS, '').toLowerCase();

/** The same, and where everything stands; a letter at a time, so that it is for texts that somebody looks at. */
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

/** Where `wanted` stands in a text, as offsets of its UTF-16 units; both without case and accents. */
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

/** Whether each word of `query` begins a word of `words`. */
export function matchesWords(query: string, words: string): boolean {
  const known = fold(words)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
  return fold(query)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .every((word) => known.some((other) => other.startsWith(word)));
}
