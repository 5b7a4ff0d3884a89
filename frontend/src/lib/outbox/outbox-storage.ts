import type { OutboxEntry } from './outbox.svelte.ts';
import type { PersonalStorage } from '../storage/personal-storage.ts';

/** Stores messages that the server has not acknowledged yet. Synchronous. */
export interface OutboxStorage {
  load(userId: string): OutboxEntry[];
  has(entry: OutboxEntry): boolean;
  /** Returns false if a reload would lose the message. */
  put(entry: OutboxEntry): boolean;
  remove(entry: OutboxEntry): void;
}

export const outboxStorage = (storage: PersonalStorage): OutboxStorage => ({
  load: (userId) =>
    storage
      .names('outbox', userId)
      .flatMap((id) => (storage.read('outbox', userId, id) as OutboxEntry | undefined) ?? []),
  has: ({ userId, clientMessageId }) => storage.read('outbox', userId, clientMessageId) !== undefined,
  put: (entry) => storage.write('outbox', entry.userId, entry.clientMessageId, entry),
  remove: ({ userId, clientMessageId }) => void storage.write('outbox', userId, clientMessageId, undefined),
});

/** The IndexedDB database in which earlier versions of this page kept unsent messages. */
const FORMER_DATABASE = 'lockstep-outbox';

/** Moves messages that an earlier version left in this browser, once; returns whether there were any. */
export async function adoptFormerOutbox(storage: OutboxStorage): Promise<boolean> {
  if (!('databases' in indexedDB)) return false;
  const databases = await indexedDB.databases();
  if (!databases.some(({ name }) => name === FORMER_DATABASE)) return false;
  const { moveFormerOutbox } = await import('./former-outbox.ts');
  return moveFormerOutbox(FORMER_DATABASE, storage);
}
