import type { Draft as RemoteDraft } from '#protocol';
import type { StoredDraft } from './draft-storage.ts';

/** The server's draft; an empty text means that there is none. */
export type ServerDraft = Pick<RemoteDraft, 'text' | 'at'>;

/**
 * The relation of the shown text to the server's.
 *
 * - `saved`: the server has it, as far as this tab knows.
 * - `unsaved`: the server does not have it. It is sent at `saveAt`, or with the next edit or connection if there is none.
 * - `saving`: a request is pending, and more may have been typed since.
 * - `overwritten`: like `saving`, but another device has overwritten the request. The text here is kept and sent again.
 * - `overtaken`: like `overwritten`, but the text of the other device was adopted.
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
  /** Whether later text is sent without waiting for a pause. */
  readonly isUrgent: boolean;
}

interface LastRequest {
  readonly text: string | undefined;
  readonly sentAt: number;
  /** Whether the stream has delivered it. Later events are newer; earlier ones may be older, even after the answer. */
  readonly isEchoed: boolean;
}

/** The text of one composer. All times except `at` are milliseconds of a monotonic clock. */
export interface DraftState {
  readonly text: string;
  /** When the text was typed or written, as in `StoredDraft`. */
  readonly at: number;
  readonly typedAt: number;
  readonly save: SaveState;
  readonly lastRequest: LastRequest;
  /** When the delayed copy in the browser is written. */
  readonly copyAt: number | undefined;
  /** Until when a remote edit counts as typing on another device. */
  readonly typedElsewhereUntil: number | undefined;
}

export type DraftEvent =
  /** The user has typed, pasted or undone. `timeOfDay` in milliseconds since 1970. */
  | { readonly type: 'edited'; readonly text: string; readonly timeOfDay: number }
  /** The text was sent as a message. */
  | { readonly type: 'sent'; readonly timeOfDay: number }
  /** The page may be left. */
  | { readonly type: 'flushed' }
  | { readonly type: 'connected' }
  /** The stream delivers an edit of this tab, or of another one. */
  | { readonly type: 'echoed'; readonly remote: ServerDraft }
  | { readonly type: 'remotelyEdited'; readonly remote: ServerDraft }
  /** A snapshot has the server's draft. */
  | { readonly type: 'snapshot'; readonly remote: ServerDraft }
  | { readonly type: 'acknowledged' }
  | { readonly type: 'failed'; readonly isWorthRetrying: boolean; readonly retryAfterMs: number | undefined }
  /** The time of `nextDeadline` is reached. */
  | { readonly type: 'timePassed' }
  | { readonly type: 'closed' };

export type DraftEffect =
  /** Must be followed by `acknowledged` or `failed`. */
  | { readonly type: 'send'; readonly text: string }
  | { readonly type: 'store'; readonly draft: StoredDraft | undefined }
  /** Stores the server's text, unless another tab of this browser has stored a newer unsaved copy. */
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

/** When the reducer must be called with `timePassed`, unless another event comes first. */
export function nextDeadline({ save, copyAt, typedElsewhereUntil }: DraftState): number | undefined {
  const saveAt = 'saveAt' in save ? save.saveAt : undefined;
  const deadlines = [saveAt, copyAt, typedElsewhereUntil].filter((deadline) => deadline !== undefined);
  return deadlines.length > 0 ? Math.min(...deadlines) : undefined;
}

/** The copy for the browser's storage; none for an empty draft that is saved. */
export function storedDraft({ text, at, save, lastRequest }: DraftState): StoredDraft | undefined {
  const isWritten = save.kind === 'saved' || save.kind === 'overtaken';
  if (isWritten) return text === '' ? undefined : { text, at, isWritten };
  return { text, at, isWritten, ...(lastRequest.text !== undefined && { sent: lastRequest.text }) };
}
