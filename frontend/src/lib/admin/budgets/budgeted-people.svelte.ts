import type { BudgetedPerson, Page } from '#protocol';
import type { Api } from '../../http/api.ts';
import { PagedList, type ReadPage } from '../../lists/paged-list.svelte.ts';
import { storableText } from '../../storage/storable-text.ts';

const PATH = '/api/admin/budgets/people';
const PAGE_SIZE = 20;
/** Waits for a pause in typing before it searches. */
const SEARCH_DELAY_MS = 200;

type Item = BudgetedPerson & { readonly id: string };

/** The people with their budgets, as an admin sees them: searchable and paged. */
export class BudgetedPeople {
  readonly list = new PagedList<Item>();
  /** The search words. */
  query = $state('');
  readonly pageSize = PAGE_SIZE;

  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly api: Pick<Api, 'get'>) {}

  /** Reads the list from its start; a list that is already shown stays until the new one is there. */
  read(): Promise<void> {
    clearTimeout(this.#timer);
    return this.list.read(this.#readPage);
  }

  readMore(): Promise<void> {
    return this.list.readMore(this.#readPage);
  }

  /** Reads it again after a pause: of typing, or of events. */
  readSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.read(), SEARCH_DELAY_MS);
  }

  search(query: string): void {
    this.query = query;
    this.readSoon();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.list.close();
  }

  readonly #readPage: ReadPage<Item> = async (cursor, signal) => {
    const parameters = new URLSearchParams({ limit: String(PAGE_SIZE) });
    const query = storableText(this.query.trim());
    if (query) parameters.set('q', query);
    if (cursor !== undefined) parameters.set('cursor', cursor);
    const { items, nextCursor } = await this.api.get<Page<BudgetedPerson>>(`${PATH}?${parameters}`, { signal });
    return { items: items.map((person) => ({ ...person, id: person.user.id })), nextCursor };
  };
}
