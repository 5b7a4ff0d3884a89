import type { BranchMessage, ConversationState } from '#protocol';

/** Fetched messages before those of the stream's window, oldest first. */
export interface EarlierMessages {
  readonly messages: readonly BranchMessage[];
  /** Whether the branch has messages before these. */
  readonly hasMore: boolean;
}

/**
 * Keeps messages on the page when the stream's window of the last messages moves on. A new window that does not
 * continue the old one belongs to another branch, whose earlier messages are unknown.
 */
export function slideWindow(
  earlier: EarlierMessages,
  before: ConversationState | undefined,
  after: ConversationState,
): EarlierMessages {
  const fresh: EarlierMessages = { messages: [], hasMore: after.hasMore };
  const first = after.messages[0];
  if (!before || !first) return fresh;
  const at = before.messages.findIndex(({ id }) => id === first.id);
  if (at > 0) {
    const hasMore = earlier.messages.length > 0 ? earlier.hasMore : before.hasMore;
    return { messages: [...earlier.messages, ...before.messages.slice(0, at)], hasMore };
  }
  if (at === 0 && earlier.messages.length > 0) return earlier;
  const continues = earlier.messages.at(-1)?.id === first.parentId && earlier.messages.length > 0;
  return continues ? earlier : fresh;
}

/** Whether `after` is `before` with older messages above it. */
export function hasGrownAbove(before: readonly BranchMessage[], after: readonly BranchMessage[]): boolean {
  const first = before[0];
  return first !== undefined && after[0]?.id !== first.id && after.some(({ id }) => id === first.id);
}

/** Indexes of those of the named messages that exist. */
export function indexesOf(messages: readonly BranchMessage[], ids: readonly (string | undefined)[]): number[] {
  // From the end: the replies that are looked up with each token are there.
  return ids
    .filter((id) => id !== undefined)
    .map((id) => messages.findLastIndex((message) => message.id === id))
    .filter((index) => index >= 0);
}
