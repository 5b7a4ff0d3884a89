/**
 * A text in parts of about `length` characters, which end where a line ends, if there are lines.
 * A part that ends with its line is without that line break: it has lines of its own on the page.
 */
export function partsOfText(text: string, length: number): string[] {
  const parts: string[] = [];
  for (let from = 0; from < text.length;) {
    const limit = from + length;
    const newline = limit < text.length ? text.lastIndexOf('\n', limit) : -1;
    const end = newline > from ? newline : limit;
    parts.push(text.slice(from, end));
    from = newline > from ? end + 1 : end;
  }
  return parts;
}
