import type { BranchMessage } from '#protocol';
import { fold } from './fold-text.ts';
import type { OpenConversation } from '../conversation/open-conversation.svelte.ts';

/**
 * Finds words in the branch that is in view. It fetches messages that are not loaded yet: scrolling to one needs those
 * in between anyway.
 */
export class ConversationFind {
  words = $state('');
  /** The match that is selected. */
  #currentId = $state<string>();
  #isClosed = false;

  /** Ids of the messages that contain the words, oldest first. */
  readonly found: readonly string[] = $derived.by(() => {
    const wanted = fold(this.words.trim());
    if (wanted === '') return [];
    return this.conversation.messages.filter((message) => this.#folded(message).includes(wanted)).map(({ id }) => id);
  });
  /** Index in `found`; -1 when no match is selected. */
  readonly at = $derived(this.#currentId === undefined ? -1 : this.found.indexOf(this.#currentId));
  /** Whether earlier messages remain to be searched. */
  readonly isSearching = $derived.by(
    () => this.words.trim() !== '' && this.conversation.hasEarlier && !this.#hasFailed,
  );
  readonly #hasFailed = $derived.by(() => this.conversation.earlierFailure !== undefined);

  /** Caches folded texts: folding costs more than searching, and only one message changes while a reply is written. */
  readonly #kept = new WeakMap<BranchMessage, string>();

  constructor(private readonly conversation: OpenConversation) {}

  /** Fetches and searches earlier messages, the newest first. */
  async lookFurther(): Promise<void> {
    while (!this.#isClosed && this.isSearching) await this.conversation.loadFurther();
  }

  /** Selects the newest match after the words have changed. */
  async begin(): Promise<void> {
    const newest = this.found.at(-1);
    if (newest !== undefined && (this.at < 0 || !this.found.includes(this.#currentId ?? ''))) await this.#lead(newest);
  }

  /** Selects the previous (-1) or next (1) match; wraps around at the ends. */
  async step(by: -1 | 1): Promise<void> {
    const { found, at } = this;
    if (found.length === 0) return;
    const next = at < 0 ? found.length - 1 : (at + by + found.length) % found.length;
    const id = found[next];
    if (id !== undefined) await this.#lead(id);
  }

  close(): void {
    this.#isClosed = true;
  }

  #folded(message: BranchMessage): string {
    const folded = this.#kept.get(message) ?? fold(message.text);
    this.#kept.set(message, folded);
    return folded;
  }

  async #lead(id: string): Promise<void> {
    this.#currentId = id;
    await this.conversation.reveal(id);
  }
}
