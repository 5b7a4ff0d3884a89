/** How much text is lexed and drawn at once. */
export interface WindowSize {
  /** In UTF-16 units. */
  readonly length: number;
  readonly lines: number;
}

/**
 * The first part of a text that is longer than the window, up to a line end; preferably before an unindented line,
 * where lists and quotes can be split. A text that fits is returned unchanged.
 */
export function windowOf(text: string, { length, lines }: WindowSize): string {
  const limit = endOfLines(text, Math.min(length, text.length), lines);
  if (limit >= text.length) return text;
  const atLine = lastLineStart(text, limit);
  if (atLine > 0) return text.slice(0, atLine);
  const isInCharacter = /[\udc00-\udfff]/.test(text.charAt(limit));
  return text.slice(0, isInCharacter && limit > 1 ? limit - 1 : limit);
}

/** The offset after this many lines, or `limit` if that comes first. */
function endOfLines(text: string, limit: number, lines: number): number {
  let end = 0;
  for (let line = 0; line < lines; line += 1) {
    const newline = text.indexOf('\n', end);
    if (newline < 0 || newline >= limit) return limit;
    end = newline + 1;
  }
  return end;
}

function lastLineStart(text: string, limit: number): number {
  const last = text.lastIndexOf('\n', limit - 1) + 1;
  for (let at = last; at > limit / 2 && at > 1; at = text.lastIndexOf('\n', at - 2) + 1) {
    if (!/\s/.test(text.charAt(at))) return at;
  }
  return last;
}
