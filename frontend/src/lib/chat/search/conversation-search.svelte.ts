import type { FoundConversation, Page } from '#protocol';
import type { Api } from '#lib/http/api.ts';
import { storableText } from '#lib/storage/storable-text.ts';

const MAX_RESULTS = 20;
/** Waits for a pause in typing before it searches. */
const PAUSE_MS = 150;

/** Searches titles and messages of conversations while the user types. */
export class ConversationSearch {
  /** The last results; they stay during the next search. */
  found = $state.raw<readonly FoundConversation[]>([]);
  /** The words that `found` belongs to; empty before the first search. */
  foundWords = $state('');
  isSearching = $state(false);
  failure = $state.raw<unknown>();

  constructor(private readonly api: Pick<Api, 'get'>) {}

  /** Searches for `words` after a pause in typing; returns a function that cancels it. */
  look(words: string): () => void {
    const cancel = new AbortController();
    this.failure = undefined;
    this.isSearching = words !== '';
    if (words === '') {
      this.found = [];
      this.foundWords = '';
    }
    const timer = setTimeout(() => words !== '' && void this.#ask(words, cancel.signal), PAUSE_MS);
    return () => {
      clearTimeout(timer);
      cancel.abort();
    };
  }

  async #ask(words: string, signal: AbortSignal): Promise<void> {
    try {
      const query = new URLSearchParams({ q: storableText(words), limit: String(MAX_RESULTS) });
      const { items } = await this.api.get<Page<FoundConversation>>(`/api/conversations?${query.toString()}`, {
        signal,
      });
      if (signal.aborted) return;
      this.found = items;
      this.foundWords = words;
    } catch (error) {
      if (signal.aborted) return;
      this.found = [];
      this.foundWords = '';
      this.failure = error;
    }
    this.isSearching = false;
  }
}
