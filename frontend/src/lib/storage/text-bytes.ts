const utf8 = new TextEncoder();

/** Whether a text is longer in UTF-8; fast for a text of any length. */
export function isLongerThan(text: string, bytes: number): boolean {
  // A UTF-16 unit takes one to three bytes.
  if (text.length > bytes) return true;
  return text.length * 3 > bytes && utf8.encode(text).length > bytes;
}
