import type { ConversationSummary, Page, UserEvent } from '#protocol';
import { PagedList, type ReadPage } from '#lib/lists/paged-list.svelte.ts';
import type { Api } from '#lib/http/api.ts';

const PAGE_SIZE = 50;

/** The archived conversations, last used first, kept up to date by the events of the user's stream. */
export class ArchivedConversations {
  readonly list = new PagedList<ConversationSummary>();
  readonly items: readonly ConversationSummary[] = $derived(
    this.list.items.toSorted((one, other) => other.updatedAt - one.updatedAt),
  );

  readonly #readPage: ReadPage<ConversationSummary> = (cursor, signal) => {
    const query = new URLSearchParams({ archived: 'true', limit: String(PAGE_SIZE), ...(cursor && { cursor }) });
    return this.api.get<Page<ConversationSummary>>(`/api/conversations?${query.toString()}`, { signal });
  };

  constructor(private readonly api: Pick<Api, 'get'>) {}

  read(): Promise<void> {
    return this.list.read(this.#readPage);
  }

  readMore(): Promise<void> {
    return this.list.readMore(this.#readPage);
  }

  onEvent(event: UserEvent): void {
    switch (event.type) {
      case 'conversation.added':
      case 'conversation.updated':
        if (event.data.archived) this.list.prepend(event.data);
        else this.list.remove(event.data.id);
        return;
      case 'conversation.deleted':
        this.list.remove(event.data.id);
        return;
      case 'draft.changed':
      case 'user.updated':
      case 'session.ended':
      case 'identities.changed':
      case 'announcement.dismissed':
      case 'models.changed':
      case 'budget.changed':
      case 'token.added':
      case 'token.ended':
      case 'token.used':
      case 'webhook.changed':
      case 'webhook.removed':
      case 'webhook.delivery':
      case 'user.deleted':
    }
  }
}
