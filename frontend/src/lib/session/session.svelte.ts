import type { SignedOut, TokenGrant, User } from '#protocol';
import { fetchJson, type TokenSource } from '../http/api.ts';
import { RequestFailed } from '../http/request-failed.ts';
import { dropSessionHint, hasSessionHint } from './session-hint.ts';
import { forgetVerifier, keepVerifier, keptVerifier } from './sign-in-verifier.ts';
import { timeOfDay } from '../time-of-day.ts';

/** Longest wait until the tab has left for the provider; after that another tab may start to sign in. */
const LEAVING_MS = 5_000;
/** A token is renewed this long before it expires. */
const EARLY_MS = 60_000;

/** `unknown` until the first answer of the server. */
export type SessionState = 'unknown' | 'signed-in' | 'signed-out';

/**
 * Why the session ended: the user signed out; it was ended early, from another device or by disabling the account; the
 * account was deleted; or it expired.
 */
export type SessionEnd = 'signed-out' | 'ended' | 'deleted' | 'expired';

export interface SignInOptions {
  /** The id of the provider; by default the first one. */
  readonly provider?: string;
  readonly isLink?: boolean;
}

/** `leaving` is sent before `signed-out`; `staying` is sent instead if signing out failed. */
interface Announcement {
  readonly kind: 'signed-in' | 'leaving' | 'staying' | 'signed-out';
  readonly userId: string;
}

/**
 * The signed-in user. The access token is kept in memory only; a reload gets a new one with the refresh cookie. Tabs
 * refresh in turn under a Web Lock, since each refresh rotates the cookie that they share.
 */
export class Session implements TokenSource {
  state = $state<SessionState>('unknown');
  user = $state.raw<User | null>(null);
  /** Set if the session ended while the page was open; the login page explains it. */
  ended = $state<SessionEnd | null>(null);

  #token = '';
  /** Expiry of the token, by the time of day and by `performance.now()`. */
  #expiresAt = 0;
  #goodUntil = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #restoring: Promise<void> | undefined;
  #refreshing: Promise<string> | undefined;
  /** Signing out is in progress: the event that ends the session may arrive before the response does. */
  #isLeaving = false;
  readonly #endListeners = new Set<(end: SessionEnd) => void>();
  readonly #startListeners = new Set<(user: User) => void>();
  readonly #tabs = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('lockstep.session');

  constructor() {
    this.#tabs?.addEventListener('message', ({ data }: MessageEvent<Announcement>) => this.#onAnnouncement(data));
  }

  get isAdmin(): boolean {
    return this.user?.role === 'admin';
  }

  /** Tries once whether the refresh cookie is valid. Throws only if the server cannot be reached. */
  restore(): Promise<void> {
    this.#restoring ??= this.#restore().catch((error: unknown) => {
      this.#restoring = undefined;
      throw error;
    });
    return this.#restoring;
  }

  async #restore(): Promise<void> {
    if (this.state !== 'unknown') return;
    if (!hasSessionHint()) {
      this.state = 'signed-out';
      return;
    }
    try {
      await this.refresh();
    } catch (error) {
      if (!(error instanceof RequestFailed) || error.code !== 'unauthenticated') throw error;
      // No user was signed in on this page: an expired session is not worth a message.
      if (this.ended === 'expired') this.ended = null;
    }
  }

  /**
   * Leaves the page for the provider; returns at `/auth/callback`, in this tab or another. With `isLink`, the identity is
   * linked to the account that is signed in.
   */
  async signIn(returnPath: string, { provider, isLink = false }: SignInOptions = {}): Promise<void> {
    // Loaded on demand: most page loads do not need it.
    const { challengeOf, createVerifier } = await import('./pkce.ts');
    const verifier = keptVerifier() ?? createVerifier();
    keepVerifier(verifier);
    const query = new URLSearchParams({
      challenge: challengeOf(verifier),
      return: returnPath,
      ...(provider !== undefined && { provider }),
      ...(isLink && { link: '1' }),
    });
    // All tabs share the cookie with the pending sign-ins, so each tab must see what the previous one has set.
    void oneTabAtATime('lockstep.sign-in', async () => {
      location.assign(`/api/auth/login?${query.toString()}`);
      await new Promise((resolve) => setTimeout(resolve, LEAVING_MS));
    });
  }

  /** Exchanges the one-time code for tokens. Throws `RequestFailed`: `unauthenticated` for an invalid code. */
  async complete(code: string): Promise<void> {
    const verifier = keptVerifier();
    if (!verifier) throw new RequestFailed('unauthenticated', 'No sign-in is under way in this browser');
    // A refresh by another tab at the same time would still be for the previous session.
    await oneTabAtATime('lockstep.refresh', async () => {
      this.#accept(await postJson<TokenGrant>('/api/auth/exchange', { code, verifier }));
    });
    forgetVerifier();
    this.#announce('signed-in', this.user?.id);
  }

  /** A token that is valid for a while. */
  async token(): Promise<string> {
    return this.#isGood ? this.#token : this.refresh();
  }

  /** Checks both clocks: the time of day may be changed, and `performance.now()` may stop while the device sleeps. */
  get #isGood(): boolean {
    const early = EARLY_MS / 2;
    return performance.now() < this.#goodUntil - early && timeOfDay() < this.#expiresAt - early;
  }

  /** Fetches a new token. Ends the session if the server says that it is over. */
  refresh(): Promise<string> {
    this.#refreshing ??= oneTabAtATime('lockstep.refresh', () => this.#renew()).finally(
      () => (this.#refreshing = undefined),
    );
    return this.#refreshing;
  }

  async #renew(): Promise<string> {
    try {
      this.#accept(await postJson<TokenGrant>('/api/auth/refresh'));
      return this.#token;
    } catch (error) {
      const end = error instanceof RequestFailed ? endOf(error) : undefined;
      if (end === undefined) throw error;
      this.#end(end);
      throw new RequestFailed('unauthenticated', 'The session is over', { cause: error });
    }
  }

  /**
   * Ends the session on the server, here, and in all other tabs. Throws `RequestFailed` and changes nothing if the
   * server cannot be reached: its cookie would otherwise sign in the next user of this browser.
   */
  async signOut(): Promise<void> {
    const userId = this.user?.id;
    let providerUrl: string | undefined;
    this.#isLeaving = true;
    this.#announce('leaving', userId);
    try {
      const headers = { authorization: `Bearer ${await this.token()}` };
      providerUrl = (await fetchJson<SignedOut | undefined>('/api/auth/logout', { method: 'POST', headers }))
        ?.providerUrl;
    } catch (error) {
      // The session has already ended: only this page is left to clean up.
      if (!(error instanceof RequestFailed) || error.code !== 'unauthenticated') {
        this.#isLeaving = false;
        this.#announce('staying', userId);
        throw error;
      }
    }
    this.#announce('signed-out', userId);
    this.#end('signed-out');
    // Ends the session at the provider too, which then leads back to the sign-in page.
    if (providerUrl !== undefined) location.assign(providerUrl);
  }

  /** Replaces the signed-in user: a new role, name or preference. */
  update(user: User): void {
    if (this.state === 'signed-in' && user.id === this.user?.id) this.user = user;
  }

  /** Call it when the account was deleted: there is no session any more. */
  accountDeleted(id: string): void {
    if (this.user?.id === id) this.#end('deleted');
  }

  /** Calls back when a session ends, including one that ended while no page was open. */
  onEnd(listener: (end: SessionEnd) => void): () => void {
    this.#endListeners.add(listener);
    return () => this.#endListeners.delete(listener);
  }

  /** Calls back when a user has signed in. */
  onStart(listener: (user: User) => void): () => void {
    this.#startListeners.add(listener);
    return () => this.#startListeners.delete(listener);
  }

  #accept(grant: TokenGrant): void {
    if (this.user && this.user.id !== grant.user.id) {
      // Another tab signed in another user: reload, so that nothing of the first user remains.
      location.reload();
      return;
    }
    this.#token = grant.accessToken;
    this.#expiresAt = timeOfDay() + grant.expiresIn * 1000;
    this.#goodUntil = performance.now() + grant.expiresIn * 1000;
    this.#isLeaving = false;
    if (!this.user) for (const listener of this.#startListeners) listener(grant.user);
    this.user = grant.user;
    this.state = 'signed-in';
    this.ended = null;
    clearTimeout(this.#timer);
    const waitMs = Math.max(5000, grant.expiresIn * 1000 - EARLY_MS);
    this.#timer = setTimeout(() => {
      this.refresh().catch((error: unknown) => console.debug('The token is renewed later', error));
    }, waitMs);
  }

  #end(reason: SessionEnd): void {
    // The first reason is the one that matters: after a deletion, a refresh would only find the session expired.
    if (this.state === 'signed-out') return;
    const end = this.#isLeaving ? 'signed-out' : reason;
    dropSessionHint();
    clearTimeout(this.#timer);
    this.#token = '';
    this.#goodUntil = 0;
    this.user = null;
    this.state = 'signed-out';
    this.ended = end;
    for (const listener of this.#endListeners) listener(end);
  }

  #announce(kind: Announcement['kind'], userId: string | undefined): void {
    if (userId) this.#tabs?.postMessage({ kind, userId } satisfies Announcement);
  }

  #onAnnouncement({ kind, userId }: Announcement): void {
    if (this.user?.id === userId) {
      if (kind === 'leaving' || kind === 'staying') this.#isLeaving = kind === 'leaving';
      if (kind === 'signed-out') this.#end('signed-out');
    }
    if (kind === 'signed-in' && this.state === 'signed-out') {
      this.refresh().catch((error: unknown) => console.debug('Signing in after another tab failed', error));
    }
    if (kind === 'signed-in' && this.user && this.user.id !== userId) location.reload();
  }
}

const postJson = <Data>(path: string, body?: unknown): Promise<Data> =>
  fetchJson<Data>(path, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(body ?? {}),
  });

/** What a refused refresh means for the session; `undefined` if nothing. */
function endOf({ code }: RequestFailed): SessionEnd | undefined {
  if (code === 'session_ended') return 'ended';
  return code === 'unauthenticated' || code === 'forbidden' ? 'expired' : undefined;
}

/** Web Locks exist in secure contexts only; without them, tabs rely on the server's grace period of ten seconds. */
const oneTabAtATime = <Result>(lock: string, work: () => Promise<Result>): Promise<Result> =>
  'locks' in navigator ? navigator.locks.request(lock, work) : work();
