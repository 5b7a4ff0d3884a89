import { createStore, del, entries, get, set } from 'idb-keyval';
import type { OutboxEntry } from './outbox.svelte.ts';

/** Where messages wait that the server has not acknowledged yet. */
export interface OutboxStorage {
  /** False where a reload loses what waits. */
  readonly isDurable: boolean;
  load(): Promise<OutboxEntry[]>;
  has(clientMessageId: string): Promise<boolean>;
  put(entry: OutboxEntry): Promise<void>;
  remove(clientMessageId: string): Promise<void>;
}

export function memoryStorage(): OutboxStorage {
  const kept = new Map<string, OutboxEntry>();
  return {
    isDurable: false,
    load: () => Promise.resolve([...kept.values()]),
    has: (id) => Promise.resolve(kept.has(id)),
    put: (entry) => {
      kept.set(entry.clientMessageId, entry);
      return Promise.resolve();
    },
    remove: (id) => {
      kept.delete(id);
      return Promise.resolve();
    },
  };
}

/** IndexedDB, or memory where the browser refuses it (private windows, blocked storage). */
export async function openOutboxStorage(): Promise<OutboxStorage> {
  try {
    const store = createStore('lockstep-outbox', 'messages');
    await entries(store);
    return {
      isDurable: true,
      load: async () => (await entries<string, OutboxEntry>(store)).map(([, entry]) => entry),
      has: async (id) => (await get(id, store)) !== undefined,
      put: (entry) => set(entry.clientMessageId, entry, store),
      remove: (id) => del(id, store),
    };
  } catch (error) {
    console.warn('Messages that wait are lost with a reload: the browser stores nothing.', error);
    return memoryStorage();
  }
}
