import { browserStorage } from '../storage/personal-storage.ts';

/** The copy of a draft that this browser keeps. */
export interface StoredDraft {
  readonly text: string;
  /** When it was typed here, or written on the server where it came from there; milliseconds since 1970. */
  readonly at: number;
  /** The server has it. */
  readonly isWritten: boolean;
  /** The text before it that was sent from here, where this one is not written: the server may show that one still. */
  readonly sent?: string;
}

/** Where drafts outlive a reload, the end of a session and a missing network; by person and place. */
export interface DraftStorage {
  read(userId: string, place: string): StoredDraft | undefined;
  /** `undefined` removes it. */
  write(userId: string, place: string, draft: StoredDraft | undefined): void;
}

export const browserDraftStorage: DraftStorage = {
  read: (userId, place) => parse(browserStorage.read('draft', userId, place)),
  write: (userId, place, draft) => void browserStorage.write('draft', userId, place, draft),
};

function parse(stored: unknown): StoredDraft | undefined {
  const { text, at, isWritten, sent } = (stored ?? {}) as Partial<StoredDraft>;
  if (typeof text !== 'string') return undefined;
  return {
    text,
    at: typeof at === 'number' ? at : 0,
    isWritten: isWritten === true,
    ...(typeof sent === 'string' && { sent }),
  };
}
