import { createContext } from 'svelte';
import { bySidebarOrder, type ConversationSummary, type Page, type UserEvent, type UserState } from '#protocol';
import { api, connection, drafts, session, streams } from '#lib/client.ts';
import { browserStorage } from '#lib/storage/personal-storage.ts';
import type { StreamHandle } from '#lib/sync/streams.svelte.ts';
import { Attention } from '../spoken/attention.ts';
import { FinishedReplies } from '../spoken/finished-replies.ts';
import { UnseenReplies } from '../spoken/unseen-replies.svelte.ts';

const PAGE_SIZE = 50;

/** The conversations of the sidebar: those of the user's stream, and older ones fetched page by page. */
export class ConversationList {
  /** The open conversation; its replies count as seen. */
  openId = $state<string | undefined>(undefined);
  isLoadingMore = $state(false);
  readonly unseen: UnseenReplies;
  readonly #attention = new Attention();
  readonly #finished: FinishedReplies;

  #older = $state.raw<readonly ConversationSummary[]>([]);
  /** `undefined` until the first page is fetched, `null` after the last. */
  #nextCursor = $state<string | null | undefined>(undefined);
  readonly #running = new Set<string>();
  readonly #handle: StreamHandle<UserState, UserEvent>;

  readonly #all: readonly ConversationSummary[] = $derived.by(() => {
    const live = this.#handle.reader.view?.conversations ?? [];
    const known = new Set(live.map(({ id }) => id));
    return [...live, ...this.#older.filter(({ id }) => !known.has(id))];
  });
  readonly items: readonly ConversationSummary[] = $derived(
    this.#all.filter(({ archived }) => !archived).sort(bySidebarOrder),
  );
  readonly isLoaded = $derived.by(() => this.#handle.reader.view !== undefined);
  readonly hasMore = $derived.by(
    () => (this.#handle.reader.view?.hasMore ?? false) && this.#nextCursor !== null && !this.isLoadingMore,
  );

  constructor(userId: string) {
    this.unseen = new UnseenReplies(browserStorage, userId);
    this.#finished = new FinishedReplies(this.#attention, this.unseen);
    this.#handle = streams.user(userId, {
      event: (event) => this.#onEvent(event),
      snapshot: () => this.#refreshed(),
    });
  }

  close(): void {
    this.#attention.close();
    this.#handle.close();
  }

  /** Includes archived conversations. */
  find(id: string | undefined): ConversationSummary | undefined {
    return this.#all.find((item) => item.id === id);
  }

  /** Sets the open conversation. */
  open(id: string | undefined): void {
    this.openId = id;
    this.#attention.look(id);
    if (id) this.unseen.remove(id);
  }

  async loadMore(): Promise<void> {
    if (!this.hasMore) return;
    this.isLoadingMore = true;
    try {
      const query = new URLSearchParams({ archived: 'false', limit: String(PAGE_SIZE) });
      if (this.#nextCursor) query.set('cursor', this.#nextCursor);
      const page = await api.get<Page<ConversationSummary>>(`/api/conversations?${query.toString()}`);
      this.#older = [...this.#older, ...page.items];
      this.#nextCursor = page.nextCursor;
    } finally {
      this.isLoadingMore = false;
    }
  }

  async rename(conversationId: string, title: string): Promise<void> {
    await connection.send('conversation:update', { conversationId, title });
  }

  async pin(conversationId: string, pinned: boolean): Promise<void> {
    await connection.send('conversation:update', { conversationId, pinned });
  }

  async archive(conversationId: string, archived: boolean): Promise<void> {
    await connection.send('conversation:update', { conversationId, archived });
  }

  /** Undoes a recent deletion. */
  async restore(conversationId: string): Promise<void> {
    await connection.send('conversation:restore', { conversationId });
  }

  async delete(conversationId: string): Promise<void> {
    await connection.send('conversation:delete', { conversationId });
  }

  #onEvent(event: UserEvent): void {
    switch (event.type) {
      case 'conversation.added':
      case 'conversation.updated':
        this.#updated(event.data);
        return;
      case 'conversation.deleted':
        this.#older = this.#older.filter(({ id }) => id !== event.data.id);
        this.unseen.remove(event.data.id);
        return;
      case 'user.updated':
        session.update(event.data);
        return;
      case 'draft.changed':
        drafts.onRemoteEdit(null, event.data);
        return;
      case 'user.deleted':
        session.accountDeleted(event.data.id);
        return;
      case 'session.ended':
      case 'identities.changed':
        if (session.state === 'signed-out') return;
        // The event may be about another device; refreshing the token tells.
        session.refresh().catch((error: unknown) => console.debug('The session is checked later', error));
        return;
      case 'announcement.dismissed':
      case 'models.changed':
      case 'budget.changed':
      // The banners are derived from the view, and the picker of models reads its list again.
      case 'token.added':
      case 'token.ended':
      case 'token.used':
      case 'webhook.changed':
      case 'webhook.removed':
      case 'webhook.delivery':
    }
  }

  /** Remembers running replies itself: the fold already has the new state, and the end of a reply is the difference. */
  #updated(conversation: ConversationSummary): void {
    const wasRunning = this.#running.has(conversation.id);
    if (conversation.running) {
      this.#running.add(conversation.id);
    } else if (wasRunning) {
      this.#running.delete(conversation.id);
      this.#finished
        .onSummary(conversation)
        .catch((error: unknown) => console.warn('The end of a reply could not be announced', error));
    }
  }

  #refreshed(): void {
    const state = this.#handle.reader.view;
    if (!state) return;
    session.update(state.user);
    drafts.found(null, state.draft);
    for (const { id, running } of state.conversations) {
      if (running) this.#running.add(id);
      else if (this.#running.delete(id) && id !== this.openId) this.unseen.add(id);
    }
  }
}

export const [useConversationList, provideConversationList] = createContext<ConversationList>();
