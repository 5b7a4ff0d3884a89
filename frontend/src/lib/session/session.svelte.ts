import type { TokenGrant, User } from '#protocol';
import { fetchJson, type TokenSource } from '../http/api.ts';
import { RequestFailed } from '../http/request-failed.ts';
import { dropSessionHint, hasSessionHint } from './session-hint.ts';
import { forgetVerifier, keepVerifier, keptVerifier } from './sign-in-verifier.ts';
import { timeOfDay } from '../time-of-day.ts';

/** Longest wait for the way to the provider; after that another tab may begin. */
const LEAVING_MS = 5_000;
/** A token is renewed this long before it runs out. */
const EARLY_MS = 60_000;

/** `unknown` until the server has been asked for the first time. */
export type SessionState = 'unknown' | 'signed-in' | 'signed-out';

/**
 * Why nobody is signed in any more: the person wished so; somebody has ended the session before its time, from another
 * device or by disabling the account; or it has run out.
 */
export type SessionEnd = 'signed-out' | 'ended' | 'expired';

/** `leaving` comes before `signed-out`, and `staying` instead of it where signing out failed. */
interface Announcement {
  readonly kind: 'signed-in' | 'leaving' | 'staying' | 'signed-out';
  readonly userId: string;
}

/**
 * Who is signed in. The access token lives in memory alone; a reload gets a new one for the refresh cookie.
 * Tabs refresh one after the other under a Web Lock, since each refresh rotates the one cookie that they share.
 */
export class Session implements TokenSource {
  state = $state<SessionState>('unknown');
  user = $state.raw<User | null>(null);
  /** Set when the session ended while the page was open; the login page says it in a sentence. */
  ended = $state<SessionEnd | null>(null);

  #token = '';
  /** Of the token: by the time of day, and by `performance.now()`. */
  #expiresAt = 0;
  #goodUntil = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #restoring: Promise<void> | undefined;
  #refreshing: Promise<string> | undefined;
  /** Somebody is signing out: the server's word that the session has ended may come before its answer does. */
  #isLeaving = false;
  readonly #endListeners = new Set<(end: SessionEnd) => void>();
  readonly #startListeners = new Set<(user: User) => void>();
  readonly #tabs = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('lockstep.session');

  constructor() {
    this.#tabs?.addEventListener('message', ({ data }: MessageEvent<Announcement>) => this.#hear(data));
  }

  get isAdmin(): boolean {
    return this.user?.role === 'admin';
  }

  /** Asks once whether the refresh cookie still stands for somebody. Throws only when the server cannot be reached. */
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
      // Nobody was signed in here before: a session that has run out meanwhile is nobody's news.
      if (this.ended === 'expired') this.ended = null;
    }
  }

  /** Leaves the page for the provider's; comes back at `/auth/callback`, in this tab or another. */
  async signIn(returnPath: string): Promise<void> {
    // Most pages never need it.
    const { challengeOf, createVerifier } = await import('./pkce.ts');
    const verifier = keptVerifier() ?? createVerifier();
    keepVerifier(verifier);
    const query = new URLSearchParams({ challenge: challengeOf(verifier), return: returnPath });
    // All tabs share the cookie that says which sign-ins are under way: each has to see what the one before has set.
    void oneTabAtATime('lockstep.sign-in', async () => {
      location.assign(`/api/auth/login?${query.toString()}`);
      await new Promise((resolve) => setTimeout(resolve, LEAVING_MS));
    });
  }

  /** Trades the one-time code for tokens. Throws `RequestFailed`, `unauthenticated` where the code is of no use here. */
  async complete(code: string): Promise<void> {
    const verifier = keptVerifier();
    if (!verifier) throw new RequestFailed('unauthenticated', 'No sign-in is under way in this browser');
    // What another tab asks meanwhile would still be about the session before.
    await oneTabAtATime('lockstep.refresh', async () => {
      this.#accept(await postJson<TokenGrant>('/api/auth/exchange', { code, verifier }));
    });
    forgetVerifier();
    this.#announce('signed-in', this.user?.id);
  }

  /** A token that is good for some time yet. */
  async token(): Promise<string> {
    return this.#isGood ? this.#token : this.refresh();
  }

  /** By both clocks: the one may have been set, and the other stands still in some browsers while the device sleeps. */
  get #isGood(): boolean {
    const early = EARLY_MS / 2;
    return performance.now() < this.#goodUntil - early && timeOfDay() < this.#expiresAt - early;
  }

  /** Fetches a new token. Ends the session when the server says that it is over. */
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
   * Ends the session on the server, here, and in every other tab. Throws `RequestFailed` and changes nothing where the
   * server cannot be reached: its cookie would sign the next person in.
   */
  async signOut(): Promise<void> {
    const userId = this.user?.id;
    this.#isLeaving = true;
    this.#announce('leaving', userId);
    try {
      const headers = { authorization: `Bearer ${await this.token()}` };
      await fetchJson<undefined>('/api/auth/logout', { method: 'POST', headers });
    } catch (error) {
      // A session that has ended already needs no more than to be left.
      if (!(error instanceof RequestFailed) || error.code !== 'unauthenticated') {
        this.#isLeaving = false;
        this.#announce('staying', userId);
        throw error;
      }
    }
    this.#announce('signed-out', userId);
    this.#end('signed-out');
  }

  /** Takes over a newer state of the signed-in person: a role, a name, a preference. */
  update(user: User): void {
    if (this.state === 'signed-in' && user.id === this.user?.id) this.user = user;
  }

  /** Calls back when a session ends, also one that ended while no page was open. */
  onEnd(listener: (end: SessionEnd) => void): () => void {
    this.#endListeners.add(listener);
    return () => this.#endListeners.delete(listener);
  }

  /** Calls back when somebody is signed in here who was not before. */
  onStart(listener: (user: User) => void): () => void {
    this.#startListeners.add(listener);
    return () => this.#startListeners.delete(listener);
  }

  #accept(grant: TokenGrant): void {
    if (this.user && this.user.id !== grant.user.id) {
      // Somebody else signed in by another tab: nothing of the first person may stay in this one.
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

  #hear({ kind, userId }: Announcement): void {
    if (this.user?.id === userId) {
      if (kind === 'leaving' || kind === 'staying') this.#isLeaving = kind === 'leaving';
      if (kind === 'signed-out') this.#end('signed-out');
    }
    if (kind === 'signed-in' && this.state === 'signed-out') {
      this.refresh().catch((error: unknown) => console.debug('Could not follow the other tab in', error));
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

/** What a refused refresh says of the session; `undefined` when it says nothing. */
function endOf({ code }: RequestFailed): SessionEnd | undefined {
  if (code === 'session_ended') return 'ended';
  return code === 'unauthenticated' || code === 'forbidden' ? 'expired' : undefined;
}

/** Web Locks exist in secure contexts only; without them the server's ten seconds of grace must do. */
const oneTabAtATime = <Result>(lock: string, work: () => Promise<Result>): Promise<Result> =>
  'locks' in navigator ? navigator.locks.request(lock, work) : work();
