import type { Preferences, User } from '#protocol';
import type { PersonalStorage } from './storage/personal-storage.ts';
import { RequestFailed } from './http/request-failed.ts';

const NAME = 'chosen';

/** Who is signed in, and how a newer state of them is taken over. */
interface Account {
  readonly user: User | null;
  update(user: User): void;
}

/**
 * What a person prefers: what their account says, and above that what was chosen here and the server has not taken yet.
 * A choice holds at once, outlives a reload, and is brought to the server when that can be reached.
 */
export class PreferenceChoices {
  /** Why the last choice is not with the account. */
  failure = $state.raw<RequestFailed>();
  #chosen = $state.raw<Preferences>({});
  #owner = $state<string>();
  #saving: Promise<void> | undefined;

  readonly current: Preferences = $derived.by(() => {
    const { user } = this.account;
    return user?.id === this.#owner ? { ...user?.preferences, ...this.#chosen } : { ...user?.preferences };
  });

  constructor(
    private readonly account: Account,
    /** Throws `RequestFailed`. */
    private readonly save: (preferences: Preferences) => Promise<User>,
    private readonly storage: PersonalStorage,
  ) {}

  /** Takes up what this person has chosen here and the server has not taken. */
  open(userId: string): void {
    if (this.#owner === userId) return;
    this.#owner = userId;
    this.failure = undefined;
    this.#chosen = (this.storage.read('preferences', userId, NAME) as Preferences | undefined) ?? {};
  }

  /** Nobody is signed in any more. */
  close(): void {
    this.#owner = undefined;
    this.#chosen = {};
    this.failure = undefined;
  }

  /** Chooses, and brings it to the server; `failure` says when that did not work. */
  async choose(preferences: Preferences): Promise<void> {
    this.#keep({ ...this.#chosen, ...preferences });
    await this.resume();
  }

  /** The server can be reached: brings to it what was chosen meanwhile. */
  async resume(): Promise<void> {
    await this.#saving;
    if (Object.keys(this.#chosen).length === 0) return;
    this.#saving ??= this.#bring(this.#chosen).finally(() => (this.#saving = undefined));
    await this.#saving;
  }

  async #bring(chosen: Preferences): Promise<void> {
    const owner = this.#owner;
    try {
      const user = await this.save(chosen);
      if (owner !== this.#owner) return;
      this.account.update(user);
      this.#drop(chosen);
      this.failure = undefined;
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      if (owner !== this.#owner) return;
      this.failure = error;
      // What the server will never take is not kept for it.
      if (!error.isRetryable && error.code !== 'unauthenticated') this.#drop(chosen);
    }
  }

  /** Those that were not changed meanwhile. */
  #drop(done: Preferences): void {
    const left = Object.entries(this.#chosen).filter(([key, value]) => Reflect.get(done, key) !== value);
    this.#keep(Object.fromEntries(left));
  }

  #keep(chosen: Preferences): void {
    this.#chosen = chosen;
    if (this.#owner === undefined) return;
    this.storage.write('preferences', this.#owner, NAME, Object.keys(chosen).length > 0 ? chosen : undefined);
  }
}
