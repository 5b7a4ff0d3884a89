/** The highest number of messages in a snapshot of a conversation. */
export const MESSAGE_WINDOW = 50;

/**
 * The highest sum of the lengths of their texts, in UTF-16 units. It keeps a snapshot below the limit of unsent bytes,
 * beyond which a socket is removed from its streams (`L11`).
 */
export const MESSAGE_WINDOW_LENGTH = 256 * 1024;

/**
 * The index of the first message in the window: as many of the last messages as both limits allow, and always the last
 * one, which is also the one that may be streaming.
 *
 * Texts only grow and messages are only appended, so the start never moves back: a later snapshot cannot contain a
 * message that a fold has already dropped (`L4`).
 */
export function windowStart(messages: readonly { readonly text: string }[]): number {
  let start = messages.length - 1;
  let length = messages[start]?.text.length ?? 0;
  while (start > 0 && messages.length - start < MESSAGE_WINDOW) {
    length += messages[start - 1]?.text.length ?? 0;
    if (length > MESSAGE_WINDOW_LENGTH) break;
    start -= 1;
  }
  return Math.max(0, start);
}
