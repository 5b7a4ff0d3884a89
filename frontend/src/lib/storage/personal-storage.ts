/** Kinds of data that this browser stores for a user. */
export type PersonalKind = 'draft' | 'outbox' | 'preferences' | 'unseen';

/** Stores a user's data in this browser, by kind and name. No method throws. */
export interface PersonalStorage {
  /** The stored value; `undefined` if there is none or it cannot be read. */
  read(kind: PersonalKind, userId: string, name: string): unknown;
  /** The names under which this user has data of this kind. */
  names(kind: PersonalKind, userId: string): string[];
  /** `undefined` removes the value. Returns false if the browser cannot store it. */
  write(kind: PersonalKind, userId: string, name: string, value: unknown): boolean;
  /** Removes the data of all users, except that of one user if given. */
  forget(exceptUserId?: string): void;
}

const KEY = /^lockstep\.(?:draft|outbox|preferences|unseen)\.([^.]*)\./;
const prefixOf = (kind: PersonalKind, userId: string): string => `lockstep.${kind}.${userId}.`;

/**
 * Uses a `Storage` of the browser. It is synchronous and available from the start, unlike IndexedDB, so no write can
 * come too early.
 */
export function personalStorage(storage: () => Storage): PersonalStorage {
  const access = <Result>(work: (kept: Storage) => Result): Result | undefined => {
    try {
      return work(storage());
    } catch (error) {
      console.debug('Data cannot be stored: storage is blocked or full.', error);
      return undefined;
    }
  };
  const keys = (): string[] =>
    access((kept) => Array.from({ length: kept.length }, (_, at) => kept.key(at) ?? '')) ?? [];
  return {
    read: (kind, userId, name) =>
      access((kept): unknown => {
        const json = kept.getItem(prefixOf(kind, userId) + name);
        return json === null ? undefined : JSON.parse(json);
      }),
    names(kind, userId) {
      const prefix = prefixOf(kind, userId);
      return keys().flatMap((key) => (key.startsWith(prefix) ? key.slice(prefix.length) : []));
    },
    write: (kind, userId, name, value) =>
      access((kept) => {
        const key = prefixOf(kind, userId) + name;
        if (value === undefined) kept.removeItem(key);
        else kept.setItem(key, JSON.stringify(value));
        return true;
      }) ?? false,
    forget(exceptUserId) {
      for (const key of keys()) {
        const owner = KEY.exec(key)?.[1];
        if (owner !== undefined && owner !== exceptUserId) access((kept) => kept.removeItem(key));
      }
    },
  };
}

export const browserStorage: PersonalStorage = personalStorage(() => localStorage);
