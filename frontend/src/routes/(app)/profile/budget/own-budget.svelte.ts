import type { OwnBudget, Role } from '#protocol';
import type { Api } from '#lib/http/api.ts';
import type { Streams } from '#lib/sync/streams.svelte.ts';

/** All tabs of a team read their budget when an admin has changed it: not in the same moment. */
const SPREAD_MS = 250;

/** What is left of the user's budget, up to date as long as it is followed. */
export class OwnBudgetView {
  /** `undefined` until loaded. */
  current = $state.raw<OwnBudget>();
  /** Why it could not be loaded. */
  failure = $state.raw<unknown>();

  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The answer to an earlier request is ignored: it may be older than the change. */
  #newest: symbol | undefined;

  constructor(private readonly api: Pick<Api, 'get'>) {}

  async read(): Promise<void> {
    const request = (this.#newest = Symbol('budget'));
    try {
      const budget = await this.api.get<OwnBudget>('/api/budget');
      if (request !== this.#newest) return;
      this.current = budget;
      this.failure = undefined;
    } catch (error) {
      if (request === this.#newest) this.failure = error;
    }
  }

  /** Reads it, and again after each change; returns a function that stops this. */
  follow(streams: Pick<Streams, 'user' | 'team'>, userId: string, role: Role): () => void {
    void this.read();
    const listener = {
      event: ({ type }: { readonly type: string }) => {
        if (type === 'budget.changed') this.#readSoon();
      },
      snapshot: () => this.#readSoon(),
    };
    const handles = [streams.user(userId, listener), streams.team(role, listener)];
    return () => {
      clearTimeout(this.#timer);
      for (const handle of handles) handle.close();
    };
  }

  #readSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.read(), Math.random() * SPREAD_MS);
  }
}
