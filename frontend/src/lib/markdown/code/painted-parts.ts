/** The longest line that may be inserted at once. */
const MAX_LINE_LENGTH = 60_000;

/** A part of highlighted code: balanced HTML, without the line break at its end. */
export interface PaintedPart {
  readonly html: string;
  /** Where the next part begins in the code. */
  readonly end: number;
}

/**
 * Splits highlighted code (HTML of `span`s only) at line ends into parts of about `length` characters of HTML, each of
 * them balanced. `undefined` if a line is too long for that.
 */
export function paintedParts(code: string, html: string, length: number): PaintedPart[] | undefined {
  const lines = code.split('\n');
  const parts: PaintedPart[] = [];
  const open: string[] = [];
  let [part, end] = ['', 0];
  for (const [index, line] of html.split('\n').entries()) {
    if (line.length > MAX_LINE_LENGTH) return undefined;
    if (part.length >= length) {
      parts.push({ html: part + '</span>'.repeat(open.length), end });
      part = open.join('');
    } else if (index > 0) part += '\n';
    for (const [tag] of line.matchAll(/<span[^>]*>|<\/span>/g)) {
      if (tag === '</span>') open.pop();
      else open.push(tag);
    }
    part += line;
    end += (lines[index]?.length ?? 0) + 1;
  }
  return [...parts, { html: part, end: code.length }];
}
