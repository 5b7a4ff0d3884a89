const PREFIX = 'lockstep.draft.';

/** The copy of a draft that this browser keeps. */
export interface StoredDraft {
  readonly text: string;
  /** When it was typed here, or written on the server where it came from there; milliseconds since 1970. */
  readonly at: number;
  /** The server has it. */
  readonly isWritten: boolean;
}

/** Where drafts outlive a reload, the end of a session and a missing network; by person and place. */
export interface DraftStorage {
  read(userId: string, place: string): StoredDraft | undefined;
  /** `undefined` removes it. */
  write(userId: string, place: string, draft: StoredDraft | undefined): void;
  /** After signing out nothing may be left for the next person at this machine. */
  forgetAll(): void;
}

const keyOf = (userId: string, place: string): string => `${PREFIX}${userId}.${place}`;

export const browserDraftStorage: DraftStorage = {
  read: (userId, place) => stored(() => parse(localStorage.getItem(keyOf(userId, place)))),
  write(userId, place, draft) {
    const key = keyOf(userId, place);
    stored(() => (draft ? localStorage.setItem(key, JSON.stringify(draft)) : localStorage.removeItem(key)));
  },
  forgetAll() {
    stored(() => {
      for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
    });
  },
};

function parse(json: string | null): StoredDraft | undefined {
  if (json === null) return undefined;
  const { text, at, isWritten } = JSON.parse(json) as Partial<StoredDraft>;
  if (typeof text !== 'string') return undefined;
  return { text, at: typeof at === 'number' ? at : 0, isWritten: isWritten === true };
}

function stored<Result>(access: () => Result): Result | undefined {
  try {
    return access();
  } catch (error) {
    console.debug('Drafts are not kept: storage is blocked or full.', error);
    return undefined;
  }
}
