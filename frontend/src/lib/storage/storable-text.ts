/**
 * A text that the server accepts. Unpaired surrogates, as an input method or a cut may leave them, and NUL become the
 * replacement character: one odd character must not keep a whole message from being sent.
 */
export const storableText = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\ufffd');

/** A copy of the data in which every text is acceptable to the server. */
export function storable<Value>(value: Value): Value {
  return JSON.parse(storableJson(value)) as Value;
}

/** The same as JSON. */
export const storableJson = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? storableText(part) : part));
