/** A line that is longer is too much to be put on the page at once. */
const MAX_LINE_LENGTH = 60_000;

/** A part of painted code: whole by itself, and without the line break at its end. */
export interface PaintedPart {
  readonly html: string;
  /** Where in the code the next part begins. */
  readonly end: number;
}

/**
 * Painted code, which is HTML of nothing but `span`s, in parts of about `length` characters of HTML that end where a line
 * ends: each has lines of its own on the page. `undefined` where a line is too long for that.
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
