/**
 * A text as the server takes it. Half a surrogate pair, as an input method or a cut may leave it, and a NUL become the
 * replacement character: one odd character must not keep a whole message from being sent.
 */
export const storableText = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\ufffd');

/** What is sent, with every text in it as the server takes it. */
export function storable<Value>(value: Value): Value {
  return JSON.parse(storableJson(value)) as Value;
}

/** The same as JSON. */
export const storableJson = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? storableText(part) : part));
