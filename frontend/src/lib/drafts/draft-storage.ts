import { browserStorage } from '../storage/personal-storage.ts';

/** The copy of a draft that this browser keeps. */
export interface StoredDraft {
  readonly text: string;
  /** When it was typed here, or written on the server if it came from there; milliseconds since 1970. */
  readonly at: number;
  /** Whether the server has it. */
  readonly isWritten: boolean;
  /** For an unsaved text: the text that was sent before from here, and that the server may still have. */
  readonly sent?: string;
}

/** Stores drafts across reloads, sessions and times without a network; by user and place. */
export interface DraftStorage {
  read(userId: string, place: string): StoredDraft | undefined;
  /** `undefined` removes the draft. */
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
