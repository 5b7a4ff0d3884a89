import type { Command, Draft as RemoteDraft } from '#protocol';
import { Draft } from './draft.svelte.ts';
import type { DraftStorage } from './draft-storage.ts';
import { randomId } from '../random-id.ts';

/** Where the draft of the conversation that has not begun is kept. */
const NEW_CONVERSATION = 'new';

export type SetDraft = (command: Command<'draft:set'>) => Promise<unknown>;

/** What somebody has typed and not sent, by conversation; `null` is the one that has not begun. */
export class Drafts {
  readonly #origin = randomId();
  readonly #drafts = new Map<string | null, Draft>();

  constructor(
    private readonly storage: DraftStorage,
    private readonly set: SetDraft,
    /** Whose drafts these are. */
    private readonly userId: () => string | undefined,
  ) {}

  of(conversationId: string | null): Draft {
    const known = this.#drafts.get(conversationId);
    if (known) return known;
    const userId = this.userId() ?? '';
    const place = conversationId ?? NEW_CONVERSATION;
    const draft = new Draft({
      origin: this.#origin,
      read: () => this.storage.read(userId, place),
      store: (stored) => this.storage.write(userId, place, stored),
      send: async (text) => {
        await this.set({ conversationId, text, origin: this.#origin });
      },
    });
    this.#drafts.set(conversationId, draft);
    return draft;
  }

  /** A stream says that one was changed, here or elsewhere. */
  onRemoteEdit(conversationId: string | null, draft: RemoteDraft): void {
    this.of(conversationId).onRemoteEdit(draft);
  }

  /** A snapshot says how one stands. */
  found(conversationId: string | null, draft: RemoteDraft | null): void {
    this.of(conversationId).found(draft);
  }

  /** The page may not come back from where it goes now. */
  flush(): void {
    for (const draft of this.#drafts.values()) draft.flush();
  }

  /** The connection is back. */
  resume(): void {
    for (const draft of this.#drafts.values()) draft.resume();
  }

  /** Nobody is signed in any more. The copies in the browser are left to whoever decides about them. */
  close(): void {
    for (const draft of this.#drafts.values()) draft.close();
    this.#drafts.clear();
  }
}
