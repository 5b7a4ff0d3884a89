/** What this browser keeps of a person, by what it is. */
export type PersonalKind = 'draft' | 'outbox' | 'preferences' | 'unseen';

/** What a person leaves in this browser, under a name of its own for each kind. Nothing here throws. */
export interface PersonalStorage {
  /** The value as it was written; `undefined` where there is none, or none that can be read. */
  read(kind: PersonalKind, userId: string, name: string): unknown;
  /** The names under which this person has something of this kind. */
  names(kind: PersonalKind, userId: string): string[];
  /** `undefined` removes it. Returns false where the browser keeps nothing. */
  write(kind: PersonalKind, userId: string, name: string, value: unknown): boolean;
  /** Removes what everybody has left here, but for one person where one is named. */
  forget(exceptUserId?: string): void;
}

const KEY = /^lockstep\.(?:draft|outbox|preferences|unseen)\.([^.]*)\./;
const prefixOf = (kind: PersonalKind, userId: string): string => `lockstep.${kind}.${userId}.`;

/**
 * Keeps it in a `Storage` of the browser. That one answers at once, whatever else is still being opened while the page
 * starts: nothing that is written can come too early.
 */
export function personalStorage(storage: () => Storage): PersonalStorage {
  const access = <Result>(work: (kept: Storage) => Result): Result | undefined => {
    try {
      return work(storage());
    } catch (error) {
      console.debug('Nothing is kept in this browser: its storage is blocked or full.', error);
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
