import type { Page } from '#protocol';

/** Reads one page of a list; `cursor` is `undefined` for the first. */
export type ReadPage<Item> = (cursor: string | undefined, signal: AbortSignal) => Promise<Page<Item>>;

export type ListPhase = 'loading' | 'ready' | 'failed';

/** A list of the server's that is read a page at a time and kept up to date by events. */
export class PagedList<Item extends { readonly id: string }> {
  items = $state.raw<readonly Item[]>([]);
  phase = $state<ListPhase>('loading');
  /** Why the last reading failed, first page or further one. */
  failure = $state.raw<unknown>();
  isReadingMore = $state(false);

  #nextCursor = $state.raw<string | null>(null);
  #reading: AbortController | undefined;

  /** Whether the server has more than is here. */
  get hasMore(): boolean {
    return this.#nextCursor !== null;
  }

  /**
   * Reads the first page and drops what was here when it has come. The list shows as loading only where there is
   * nothing to show meanwhile. A reading that is under way is called off.
   */
  async read(readPage: ReadPage<Item>): Promise<void> {
    const signal = this.#begin();
    this.isReadingMore = false;
    if (this.phase === 'failed' || this.items.length === 0) this.phase = 'loading';
    try {
      const { items, nextCursor } = await readPage(undefined, signal);
      if (signal.aborted) return;
      this.items = items;
      this.#nextCursor = nextCursor;
      this.phase = 'ready';
      this.failure = undefined;
    } catch (error) {
      if (signal.aborted) return;
      this.failure = error;
      this.phase = 'failed';
    }
  }

  /** Reads the page after the last one; what is already here, because an event brought it, is not added again. */
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
      this.#nextCursor = page.nextCursor;
    } catch (error) {
      if (!signal.aborted) this.failure = error;
    } finally {
      if (!signal.aborted) this.isReadingMore = false;
    }
  }

  /** Puts a changed item in the place of its former self; `false` if it is not here. */
  replace(item: Item): boolean {
    const at = this.items.findIndex(({ id }) => id === item.id);
    if (at >= 0) this.items = this.items.with(at, item);
    return at >= 0;
  }

  /** A new item goes first. */
  prepend(item: Item): void {
    if (!this.replace(item)) this.items = [item, ...this.items];
  }

  remove(id: string): void {
    this.items = this.items.filter((item) => item.id !== id);
  }

  close(): void {
    this.#reading?.abort();
  }

  #begin(): AbortSignal {
    this.#reading?.abort();
    this.#reading = new AbortController();
    return this.#reading.signal;
  }
}
