import type { AdminUser, Page } from '#protocol';
import type { Api } from '../../http/api.ts';
import { sentenceOf } from '../../http/request-failed.ts';
import { storableText } from '../../storage/storable-text.ts';

/** Waits for a pause in typing before it searches. */
const SEARCH_DELAY_MS = 200;
const MOST_FOUND = 8;

/** Finds people by name or e-mail while an admin is typing. */
export class PersonSearch {
  query = $state('');
  found = $state.raw<readonly AdminUser[]>([]);
  /** The words that `found` belongs to; empty before the first answer. */
  answered = $state('');
  failure = $state<string>();

  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | undefined;

  constructor(private readonly api: Pick<Api, 'get'>) {}

  search(query: string): void {
    this.query = query;
    this.close();
    const words = storableText(query.trim());
    if (words === '') this.clear();
    else this.#timer = setTimeout(() => void this.#ask(words), SEARCH_DELAY_MS);
  }

  clear(): void {
    this.close();
    this.query = '';
    this.answered = '';
    this.found = [];
    this.failure = undefined;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
  }

  async #ask(words: string): Promise<void> {
    const { signal } = (this.#asking = new AbortController());
    const parameters = new URLSearchParams({ q: words, limit: String(MOST_FOUND) });
    try {
      const { items } = await this.api.get<Page<AdminUser>>(`/api/admin/users?${parameters}`, { signal });
      if (signal.aborted) return;
      this.found = items;
      this.answered = words;
      this.failure = undefined;
    } catch (error) {
      if (!signal.aborted) this.failure = sentenceOf(error);
    }
  }
}
