import { flushSync, mount, unmount } from 'svelte';
import { session } from '#lib/client.ts';
import type { OpenConversation } from './open-conversation.svelte.ts';

/** While it is on paper a conversation is a document: the whole thread, and nothing around it. */
export class ConversationPrint {
  #part: typeof import('./PrintedConversation.svelte') | undefined;
  #mounted: Record<string, unknown> | undefined;
  #conversation: OpenConversation | undefined;
  readonly #media = matchMedia('print');

  constructor() {
    addEventListener('beforeprint', this.#begin);
    addEventListener('afterprint', this.#end);
    // Tools that make documents of pages change the medium and say nothing else.
    this.#media.addEventListener('change', this.#follow);
  }

  /** What is printed from now on. */
  show(conversation: OpenConversation | undefined): void {
    this.#conversation = conversation;
    // The browser does not wait when it prints.
    if (conversation) this.#load().catch((error: unknown) => console.debug('Printing shows the page as it is', error));
  }

  /** Prints all of it, also what is not on this page yet. */
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
    if (mounted) unmount(mounted).catch((error: unknown) => console.debug('What was printed stays hidden', error));
  };

  readonly #follow = ({ matches }: MediaQueryListEvent): void => {
    if (!matches) return this.#end();
    this.#begin();
    void this.#conversation?.loadAll();
  };
}
