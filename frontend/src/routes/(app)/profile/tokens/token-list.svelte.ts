import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import {
  type CreatedToken,
  MAX_TOKENS,
  type PersonalToken,
  type TokenList as Answer,
  type TokenScope,
} from '#protocol';
import type { Api } from '#lib/http/api.ts';
import { RequestFailed, sentenceOf } from '#lib/http/request-failed.ts';
import { isExpired } from '#lib/people/token-expiry.ts';

export interface NewToken {
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  readonly expiresAt: number | null;
}

/** The user's access tokens, the newest first. */
export class TokenList {
  tokens = $state.raw<readonly PersonalToken[]>();
  /** Why the list could not be loaded. */
  failure = $state.raw<unknown>();
  /** The token that was just created: its secret is only here, until the user has put it away. */
  created = $state.raw<CreatedToken>();
  isCreating = $state(false);
  /** Why the token could not be created. */
  refusal = $state.raw<unknown>();
  readonly ending = new SvelteSet<string>();
  /** Why a token could not be ended, as a sentence. */
  readonly refusals = new SvelteMap<string, string>();

  constructor(private readonly api: Pick<Api, 'get' | 'post' | 'delete'>) {}

  async read(): Promise<void> {
    try {
      const { items } = await this.api.get<Answer>('/api/tokens');
      this.tokens = items;
      this.failure = undefined;
    } catch (error) {
      this.failure = error;
    }
  }

  /** Whether there is no room for another token at this time, in milliseconds since 1970. */
  isFull(now: number): boolean {
    return (this.tokens ?? []).filter((token) => !isExpired(token, now)).length >= MAX_TOKENS;
  }

  /** @returns whether the token was created */
  async create(wanted: NewToken): Promise<boolean> {
    if (this.isCreating) return false;
    this.isCreating = true;
    this.refusal = undefined;
    try {
      const created = await this.api.post<CreatedToken>('/api/tokens', wanted);
      const { token: _secret, ...view } = created;
      this.created = created;
      this.added(view);
      return true;
    } catch (error) {
      this.refusal = error;
      // The answer was lost, or another tab has created tokens too: the list shows what there is.
      void this.read();
      return false;
    } finally {
      this.isCreating = false;
    }
  }

  async end(id: string): Promise<void> {
    if (this.ending.has(id)) return;
    this.ending.add(id);
    this.refusals.delete(id);
    try {
      await this.api.delete(`/api/tokens/${id}`);
      this.ended(id);
    } catch (error) {
      // Another tab was faster: the token is already gone.
      if (error instanceof RequestFailed && error.code === 'not_found') this.ended(id);
      else this.refusals.set(id, sentenceOf(error));
    } finally {
      this.ending.delete(id);
    }
  }

  /** A token was created, in this tab or in another one: both the answer and the event may come first. */
  added(token: PersonalToken): void {
    if (this.tokens?.some(({ id }) => id === token.id)) return;
    this.tokens = this.tokens && [token, ...this.tokens];
  }

  used(id: string, lastUsedAt: number): void {
    this.tokens = this.tokens?.map((token) => (token.id === id ? { ...token, lastUsedAt } : token));
  }

  ended(id: string): void {
    this.tokens = this.tokens?.filter((token) => token.id !== id);
    if (this.created?.id === id) this.created = undefined;
  }
}
