import type { Draft as RemoteDraft } from '#protocol';
import type { StoredDraft } from './draft-storage.ts';

/** What the server holds: a draft, or the empty text of none. */
export type ServerDraft = Pick<RemoteDraft, 'text' | 'at'>;

/**
 * How the text that is shown relates to the server's.
 *
 * - `saved`: it is the server's, as far as this tab knows.
 * - `unsaved`: the server does not have it. It is sent at `saveAt`, or with the next edit or connection if there is none.
 * - `saving`: a request is under way, and more may have been typed since.
 * - `overwritten`: as `saving`, but another device has overwritten the request. The text here is kept and sent again.
 * - `overtaken`: as `overwritten`, but the text of the other device was adopted.
 * - `closed`: nothing is sent or stored any more.
 */
export type SaveState =
  | { readonly kind: 'saved' }
  | (Waiting & { readonly kind: 'unsaved' })
  | (UnderWay & { readonly kind: 'saving'; readonly skipped: ServerDraft | undefined })
  | (UnderWay & { readonly kind: 'overwritten' })
  | { readonly kind: 'overtaken' }
  | { readonly kind: 'closed' };

interface Waiting {
  readonly since: number;
  readonly saveAt: number | undefined;
}

interface UnderWay extends Waiting {
  /** What is typed meanwhile is sent without waiting for a pause. */
  readonly isUrgent: boolean;
}

interface LastRequest {
  readonly text: string | undefined;
  readonly sentAt: number;
  /** The stream has shown it: what comes after is newer. What comes before may be older, even after the answer. */
  readonly isEchoed: boolean;
}

/** One composer's text. Times but `at` are milliseconds of a monotonic clock. */
export interface DraftState {
  readonly text: string;
  /** When the text was typed or written, as in `StoredDraft`. */
  readonly at: number;
  readonly typedAt: number;
  readonly save: SaveState;
  readonly lastRequest: LastRequest;
  /** When the copy in the browser is renewed, where that waits. */
  readonly copyAt: number | undefined;
  /** Until when a remote edit says that the person is typing on another device. */
  readonly typedElsewhereUntil: number | undefined;
}

export type DraftEvent =
  /** The person typed, pasted or undid. `timeOfDay` in milliseconds since 1970. */
  | { readonly type: 'edited'; readonly text: string; readonly timeOfDay: number }
  /** The text was sent as a message. */
  | { readonly type: 'sent'; readonly timeOfDay: number }
  /** The page may be left. */
  | { readonly type: 'flushed' }
  | { readonly type: 'connected' }
  /** The stream shows an edit of this tab, or of another one. */
  | { readonly type: 'echoed'; readonly remote: ServerDraft }
  | { readonly type: 'remotelyEdited'; readonly remote: ServerDraft }
  /** A snapshot shows what the server holds. */
  | { readonly type: 'snapshot'; readonly remote: ServerDraft }
  | { readonly type: 'acknowledged' }
  | { readonly type: 'failed'; readonly isWorthRetrying: boolean; readonly retryAfterMs: number | undefined }
  /** A deadline of `nextDeadline` has come. */
  | { readonly type: 'timePassed' }
  | { readonly type: 'closed' };

export type DraftEffect =
  /** To be answered by `acknowledged` or `failed`. */
  | { readonly type: 'send'; readonly text: string }
  | { readonly type: 'store'; readonly draft: StoredDraft | undefined }
  /** The server's text; a newer unsaved copy that another tab of this browser left is kept. */
  | { readonly type: 'storeAdopted'; readonly draft: StoredDraft | undefined; readonly at: number };

export const openDraft = (stored: StoredDraft | undefined, now: number): DraftState => ({
  text: stored?.text ?? '',
  at: stored?.at ?? 0,
  typedAt: Number.NEGATIVE_INFINITY,
  save: (stored?.isWritten ?? true) ? { kind: 'saved' } : { kind: 'unsaved', since: now, saveAt: undefined },
  lastRequest: { text: stored?.sent, sentAt: Number.NEGATIVE_INFINITY, isEchoed: stored?.sent === undefined },
  copyAt: undefined,
  typedElsewhereUntil: undefined,
});

/** When the reducer wants to be called with `timePassed`, if nothing else happens before. */
export function nextDeadline({ save, copyAt, typedElsewhereUntil }: DraftState): number | undefined {
  const saveAt = 'saveAt' in save ? save.saveAt : undefined;
  const deadlines = [saveAt, copyAt, typedElsewhereUntil].filter((deadline) => deadline !== undefined);
  return deadlines.length > 0 ? Math.min(...deadlines) : undefined;
}

/** The copy in the browser as it should be; nothing is kept of an empty draft that the server knows to be empty. */
export function storedDraft({ text, at, save, lastRequest }: DraftState): StoredDraft | undefined {
  const isWritten = save.kind === 'saved' || save.kind === 'overtaken';
  if (isWritten) return text === '' ? undefined : { text, at, isWritten };
  return { text, at, isWritten, ...(lastRequest.text !== undefined && { sent: lastRequest.text }) };
}
