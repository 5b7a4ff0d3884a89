import { SvelteSet } from 'svelte/reactivity';

const KEY = 'lockstep.unseen';

/** Conversations in which a reply ended while nobody looked; shared by the tabs of this browser. */
export class UnseenReplies {
  readonly #ids = new SvelteSet<string>(read());

  constructor() {
    addEventListener('storage', ({ key }) => {
      if (key !== KEY) return;
      this.#ids.clear();
      for (const id of read()) this.#ids.add(id);
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

  #write(): void {
    try {
      localStorage.setItem(KEY, JSON.stringify([...this.#ids]));
    } catch (error) {
      console.debug('Unseen replies are not kept: storage is blocked.', error);
    }
  }
}

function read(): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(stored) ? stored.filter((id) => typeof id === 'string') : [];
  } catch (error) {
    console.debug('Unseen replies cannot be read.', error);
    return [];
  }
}
