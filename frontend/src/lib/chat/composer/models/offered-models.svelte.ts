import type { ModelList, OfferedModel, Role } from '#protocol';
import { api, streams } from '#lib/client.ts';
import { backoffMs } from '#lib/sync/backoff.ts';

/** All tabs of a team read the list when an admin has changed it: not in the same moment. */
const SPREAD_MS = 250;

/** The models that the user may use, the default first; empty until they are loaded. */
class OfferedModels {
  items = $state.raw<readonly OfferedModel[]>([]);
  isLoaded = $state(false);
  /** The ISO code of the currency of all prices. */
  currency = $state('USD');

  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The answer to an earlier request is ignored: it may be older than the change. */
  #newest: symbol | undefined;

  /** Loads the list from the server. On failure the last one stays, and the result is false. */
  async load(): Promise<boolean> {
    clearTimeout(this.#timer);
    const request = (this.#newest = Symbol('models'));
    try {
      const { items, currency } = await api.get<ModelList>('/api/models');
      if (request !== this.#newest) return true;
      this.currency = currency;
      this.items = items;
      this.isLoaded = true;
      return true;
    } catch (error) {
      console.debug('The models are asked for again later', error);
      return false;
    }
  }

  /**
   * Loads the list again whenever an admin has changed what the user may use, by their role or as a person; returns a
   * function that stops it.
   */
  follow(userId: string, role: Role): () => void {
    const listener = {
      event: ({ type }: { readonly type: string }) => {
        if (type === 'models.changed') this.#loadSoon();
      },
      snapshot: () => this.#loadSoon(),
    };
    const handles = [streams.user(userId, listener), streams.team(role, listener)];
    return () => {
      clearTimeout(this.#timer);
      for (const handle of handles) handle.close();
    };
  }

  has(id: string): boolean {
    return this.items.some((model) => model.id === id);
  }

  /** The model that answers when `wanted` is chosen: the default if `wanted` is not offered. */
  answering(wanted: string | undefined): string | undefined {
    return wanted !== undefined && this.has(wanted) ? wanted : this.items[0]?.id;
  }

  #loadSoon(attempt = 0): void {
    clearTimeout(this.#timer);
    const waitMs = attempt === 0 ? Math.random() * SPREAD_MS : backoffMs(attempt);
    this.#timer = setTimeout(() => void this.#loadOrRetry(attempt), waitMs);
  }

  async #loadOrRetry(attempt: number): Promise<void> {
    if (!(await this.load())) this.#loadSoon(attempt + 1);
  }
}

export const offeredModels = new OfferedModels();
