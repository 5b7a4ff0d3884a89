import type { Page } from '#protocol';

/** Reads one page of a list; `cursor` is `undefined` for the first. */
export type ReadPage<Item> = (cursor: string | undefined, signal: AbortSignal) => Promise<Page<Item>>;

export type ListPhase = 'loading' | 'ready' | 'failed';

/** A list of the server that is read page by page and kept up to date by events. */
export class PagedList<Item extends { readonly id: string }> {
  items = $state.raw<readonly Item[]>([]);
  phase = $state<ListPhase>('loading');
  /** Why the last page could not be read. */
  failure = $state.raw<unknown>();
  isReadingMore = $state(false);

  #nextCursor = $state.raw<string | null>(null);
  #reading: AbortController | undefined;
  /** Changes while a request is on its way: its response may not contain them. */
  #changes: (() => void)[] | undefined;

  /** Whether the server has more pages. */
  get hasMore(): boolean {
    return this.#nextCursor !== null;
  }

  /**
   * Reads the first page; the current items stay until it has arrived. The list counts as loading only while it is
   * empty. An earlier request is aborted.
   */
  async read(readPage: ReadPage<Item>): Promise<void> {
    const signal = this.#begin();
    this.isReadingMore = false;
    if (this.phase === 'failed' || this.items.length === 0) this.phase = 'loading';
    try {
      const { items, nextCursor } = await readPage(undefined, signal);
      if (signal.aborted) return;
      this.items = items;
      this.#changeAgain();
      this.#nextCursor = nextCursor;
      this.phase = 'ready';
      this.failure = undefined;
    } catch (error) {
      if (signal.aborted) return;
      this.failure = error;
      this.phase = 'failed';
    }
  }

  /** Reads the next page; items that an event has already added are skipped. */
  async readMore(readPage: ReadPage<Item>): Promise<void> {
    const cursor = this.#nextCursor;
    if (cursor === null || this.isReadingMore || this.phase !== 'ready') return;
    const signal = this.#begin();
    this.isReadingMore = true;
    this.failure = undefined;
    try {
      const page = await readPage(cursor, signal);
      if (signal.aborted) return;
      const known = new Set(this.items.map(({ id }) => id));
      this.items = [...this.items, ...page.items.filter(({ id }) => !known.has(id))];
      this.#changeAgain();
      this.#nextCursor = page.nextCursor;
    } catch (error) {
      if (!signal.aborted) this.failure = error;
    } finally {
      if (!signal.aborted) this.isReadingMore = false;
    }
  }

  /** Replaces the item with the same id; `false` if there is none. */
  replace(item: Item): boolean {
    this.#changes?.push(() => void this.#put(item));
    return this.#put(item);
  }

  /** Adds a new item at the front. */
  prepend(item: Item): void {
    this.#change(() => {
      if (!this.#put(item)) this.items = [item, ...this.items];
    });
  }

  remove(id: string): void {
    this.#change(() => {
      this.items = this.items.filter((item) => item.id !== id);
    });
  }

  close(): void {
    this.#reading?.abort();
  }

  #begin(): AbortSignal {
    this.#reading?.abort();
    this.#reading = new AbortController();
    this.#changes = [];
    return this.#reading.signal;
  }

  #put(item: Item): boolean {
    const at = this.items.findIndex(({ id }) => id === item.id);
    if (at >= 0) this.items = this.items.with(at, item);
    return at >= 0;
  }

  #change(change: () => void): void {
    this.#changes?.push(change);
    change();
  }

  #changeAgain(): void {
    for (const change of this.#changes ?? []) change();
    this.#changes = undefined;
  }
}
