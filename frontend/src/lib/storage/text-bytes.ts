const utf8 = new TextEncoder();

/** Whether a text takes more bytes in UTF-8; a text of any length is answered for at once. */
export function isLongerThan(text: string, bytes: number): boolean {
  // A UTF-16 unit takes one byte at least and three at most.
  if (text.length > bytes) return true;
  return text.length * 3 > bytes && utf8.encode(text).length > bytes;
}
