import { createStore, entries } from 'idb-keyval';
import type { OutboxStorage } from './outbox-storage.ts';
import type { OutboxEntry } from './outbox.svelte.ts';

/** Moves messages that an earlier version left in IndexedDB to `storage`; returns whether there were any. */
export async function moveFormerOutbox(database: string, storage: OutboxStorage): Promise<boolean> {
  const left = await entries<string, OutboxEntry>(createStore(database, 'messages'));
  const isKept = left.every(([, entry]) => storage.put(entry));
  if (isKept) indexedDB.deleteDatabase(database);
  return left.length > 0;
}
