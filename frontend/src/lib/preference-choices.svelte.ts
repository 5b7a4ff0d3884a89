import type { Preferences, User } from '#protocol';
import type { PersonalStorage } from './storage/personal-storage.ts';
import { RequestFailed } from './http/request-failed.ts';

const NAME = 'chosen';

/** The user who is signed in, and how to update them. */
interface Account {
  readonly user: User | null;
  update(user: User): void;
}

/**
 * The user's preferences: those of the account, overridden by choices made here that the server has not saved yet.
 * A choice applies at once, survives a reload, and is saved when the server can be reached.
 */
export class PreferenceChoices {
  /** Why the last choice is not saved with the account. */
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

  /** Loads the unsaved choices of this user. */
  open(userId: string): void {
    if (this.#owner === userId) return;
    this.#owner = userId;
    this.failure = undefined;
    this.#chosen = (this.storage.read('preferences', userId, NAME) as Preferences | undefined) ?? {};
  }

  /** Call it when the user has signed out. */
  close(): void {
    this.#owner = undefined;
    this.#chosen = {};
    this.failure = undefined;
  }

  /** Applies and saves choices; on failure `failure` says why. */
  async choose(preferences: Preferences): Promise<void> {
    this.#keep({ ...this.#chosen, ...preferences });
    await this.resume();
  }

  /** Call it when the server can be reached: saves pending choices. */
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
      // A choice that the server refuses permanently is dropped.
      if (!error.isRetryable && error.code !== 'unauthenticated') this.#drop(chosen);
    }
  }

  /** Drops saved choices, unless they have been changed since. */
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
