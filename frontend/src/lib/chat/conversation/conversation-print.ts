import { flushSync, mount, unmount } from 'svelte';
import { session } from '#lib/client.ts';
import type { OpenConversation } from './open-conversation.svelte.ts';

/** Prints a conversation as a document: the whole thread and nothing around it. */
export class ConversationPrint {
  #part: typeof import('./PrintedConversation.svelte') | undefined;
  #mounted: Record<string, unknown> | undefined;
  #conversation: OpenConversation | undefined;
  readonly #media = matchMedia('print');

  constructor() {
    addEventListener('beforeprint', this.#begin);
    addEventListener('afterprint', this.#end);
    // Tools that render pages to PDF change the medium and fire no print events.
    this.#media.addEventListener('change', this.#follow);
  }

  /** Sets the conversation to print. */
  show(conversation: OpenConversation | undefined): void {
    this.#conversation = conversation;
    // Loaded ahead: the browser does not wait for it when it prints.
    if (conversation)
      this.#load().catch((error: unknown) => console.debug('The layout for printing could not be loaded', error));
  }

  /** Prints the whole conversation, including messages that are not loaded yet. */
  async print(): Promise<void> {
    await Promise.all([this.#load(), this.#conversation?.loadAll()]);
    window.print();
  }

  close(): void {
    removeEventListener('beforeprint', this.#begin);
    removeEventListener('afterprint', this.#end);
    this.#media.removeEventListener('change', this.#follow);
    this.#end();
  }

  async #load(): Promise<void> {
    this.#part ??= await import('./PrintedConversation.svelte');
  }

  readonly #begin = (): void => {
    const conversation = this.#conversation;
    if (this.#mounted || !this.#part || !conversation?.conversation) return;
    const props = { conversation, writer: session.user?.name ?? '' };
    this.#mounted = mount(this.#part.default, { target: document.body, props });
    flushSync();
  };

  readonly #end = (): void => {
    const mounted = this.#mounted;
    this.#mounted = undefined;
    if (mounted)
      unmount(mounted).catch((error: unknown) => console.debug('The printed conversation could not be removed', error));
  };

  readonly #follow = ({ matches }: MediaQueryListEvent): void => {
    if (!matches) return this.#end();
    this.#begin();
    void this.#conversation?.loadAll();
  };
}
