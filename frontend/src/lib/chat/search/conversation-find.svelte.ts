import type { BranchMessage } from '#protocol';
import { fold } from './fold-text.ts';
import type { OpenConversation } from '../conversation/open-conversation.svelte.ts';

/**
 * Finds words in the branch that is in view. Messages that are not here yet are fetched on the way: somebody who is led
 * to one of them needs those in between anyway.
 */
export class ConversationFind {
  words = $state('');
  /** The message that the reader is at. */
  #currentId = $state<string>();
  #isClosed = false;

  /** The messages that hold the words, oldest first. */
  readonly found: readonly string[] = $derived.by(() => {
    const wanted = fold(this.words.trim());
    if (wanted === '') return [];
    return this.conversation.messages.filter((message) => this.#folded(message).includes(wanted)).map(({ id }) => id);
  });
  /** From 0; -1 where the reader is at none. */
  readonly at = $derived(this.#currentId === undefined ? -1 : this.found.indexOf(this.#currentId));
  /** There is more than was looked through. */
  readonly isSearching = $derived.by(
    () => this.words.trim() !== '' && this.conversation.hasEarlier && !this.#hasFailed,
  );
  readonly #hasFailed = $derived.by(() => this.conversation.earlierFailure !== undefined);

  /** Folding costs more than looking, and only one message changes while a reply is written. */
  readonly #kept = new WeakMap<BranchMessage, string>();

  constructor(private readonly conversation: OpenConversation) {}

  /** Looks through what was not fetched yet, the newest first. */
  async lookFurther(): Promise<void> {
    while (!this.#isClosed && this.isSearching) await this.conversation.loadFurther();
  }

  /** Leads to the newest one when there are new words. */
  async begin(): Promise<void> {
    const newest = this.found.at(-1);
    if (newest !== undefined && (this.at < 0 || !this.found.includes(this.#currentId ?? ''))) await this.#lead(newest);
  }

  /** Leads to the one before (-1) or after (1) the one that the reader is at; round the ends. */
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
