/** How many messages of the branch in view a snapshot holds at most. */
export const MESSAGE_WINDOW = 50;

/** How long their texts may be together, in UTF-16 units: a socket must be able to take a snapshot at once (`L11`). */
export const MESSAGE_WINDOW_LENGTH = 256 * 1024;

/**
 * Where the window begins: the longest end of a branch that keeps both limits. The last message is always in it,
 * and the reply that streams is the last one.
 *
 * Texts only grow and messages are only added, so the window of a later state never begins before that of an earlier
 * one: what a fold has dropped no snapshot brings back (`L4`).
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
