import { createStore, entries } from 'idb-keyval';
import type { OutboxStorage } from './outbox-storage.ts';
import type { OutboxEntry } from './outbox.svelte.ts';

/** Moves what an earlier version has left in the database to `storage`; returns whether there was something. */
export async function moveFormerOutbox(database: string, storage: OutboxStorage): Promise<boolean> {
  const left = await entries<string, OutboxEntry>(createStore(database, 'messages'));
  const isKept = left.every(([, entry]) => storage.put(entry));
  if (isKept) indexedDB.deleteDatabase(database);
  return left.length > 0;
}
