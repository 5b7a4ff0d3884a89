/** Splits a text into pieces of about the size of a model's tokens; joined, they are the text again. */
export function* tokensOf(text: string): Generator<string> {
  for (const [piece] of text.matchAll(/\s*[\p{L}\p{N}\p{M}]{1,6}|\s*[^\s\p{L}\p{N}\p{M}]|\s+$/gu)) yield piece;
}
