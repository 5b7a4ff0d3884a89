import { SvelteSet } from 'svelte/reactivity';
import type { PersonalStorage } from '#lib/storage/personal-storage.ts';

const NAME = 'replies';

/** Conversations in which a reply ended out of view; shared by the tabs of this browser. */
export class UnseenReplies {
  readonly #ids: SvelteSet<string>;

  constructor(
    private readonly storage: PersonalStorage,
    private readonly userId: string,
  ) {
    this.#ids = new SvelteSet(this.#read());
    addEventListener('storage', ({ key }) => {
      if (!key?.startsWith('lockstep.unseen.')) return;
      this.#ids.clear();
      for (const id of this.#read()) this.#ids.add(id);
    });
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  add(id: string): void {
    if (this.#ids.has(id)) return;
    this.#ids.add(id);
    this.#write();
  }

  remove(id: string): void {
    if (this.#ids.delete(id)) this.#write();
  }

  #read(): string[] {
    const stored = this.storage.read('unseen', this.userId, NAME);
    return Array.isArray(stored) ? stored.filter((id) => typeof id === 'string') : [];
  }

  #write(): void {
    this.storage.write('unseen', this.userId, NAME, this.#ids.size === 0 ? undefined : [...this.#ids]);
  }
}
