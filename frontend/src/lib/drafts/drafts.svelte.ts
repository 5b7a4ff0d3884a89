import type { Command, Draft as RemoteDraft } from '#protocol';
import { Draft } from './draft.svelte.ts';
import type { DraftStorage } from './draft-storage.ts';
import { randomId } from '../random-id.ts';

/** The storage key of the draft for a new conversation. */
const NEW_CONVERSATION = 'new';

export type SetDraft = (command: Command<'draft:set'>) => Promise<unknown>;

/** The unsent texts of the user by conversation; `null` stands for a new one. */
export class Drafts {
  readonly #origin = randomId();
  readonly #drafts = new Map<string | null, Draft>();

  constructor(
    private readonly storage: DraftStorage,
    private readonly set: SetDraft,
    /** The owner of the drafts. */
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

  /** A stream delivers the edit of a draft, from this tab or another one. */
  onRemoteEdit(conversationId: string | null, draft: RemoteDraft): void {
    this.of(conversationId).onRemoteEdit(draft);
  }

  /** A snapshot delivers a draft; `null` if there is none. */
  found(conversationId: string | null, draft: RemoteDraft | null): void {
    this.of(conversationId).found(draft);
  }

  /** Saves everything: the page may be closed. */
  flush(): void {
    for (const draft of this.#drafts.values()) draft.flush();
  }

  /** The connection is restored. */
  resume(): void {
    for (const draft of this.#drafts.values()) draft.resume();
  }

  /** The user has signed out. The copies in the browser are not removed here. */
  close(): void {
    for (const draft of this.#drafts.values()) draft.close();
    this.#drafts.clear();
  }
}
