/**
 * Splits a text into parts of about `length` characters, at line ends if possible.
 * The line break at the end of a part is dropped: each part has its own lines on the page.
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
