import { type Draft as RemoteDraft, MAX_TEXT_BYTES } from '#protocol';
import type { StoredDraft } from './draft-storage.ts';
import { RequestFailed } from '../http/request-failed.ts';
import { storableText } from '../storage/storable-text.ts';
import { isLongerThan } from '../storage/text-bytes.ts';
import { timeOfDay } from '../time-of-day.ts';

/** A pause in typing after which a draft is written. */
const PAUSE_MS = 700;
/** Somebody who types without a pause is still followed, this often; and nobody is followed more often. */
const INTERVAL_MS = 2_000;
/** Whoever typed this recently goes on: the text is not replaced under their fingers. */
const TYPING_MS = 2_000;
/** How long what came from elsewhere says that somebody is typing there. */
const PRESENCE_MS = 4_000;
const RETRY_MS = 5_000;
/** After a reconnect: time for the stream to tell what was written elsewhere meanwhile. */
const RESUME_MS = 2_000;
/** A text that is too long to be sent is not copied with every key either. */
const LONG_COPY_MS = 500;

/** What a draft lives on; injected, so that it runs without a browser. */
export interface DraftPlace {
  /** Names this tab among those that write. */
  readonly origin: string;
  read(): StoredDraft | undefined;
  store(draft: StoredDraft | undefined): void;
  /** Throws `RequestFailed`. */
  send(text: string): Promise<void>;
}

/**
 * The text in one composer, the same on every device of its writer. It is kept in the browser at once and written to
 * the server in pauses. The last one to write wins, but for a composer that is being typed in.
 */
export class Draft {
  text: string;
  /** Something was typed elsewhere a moment ago. */
  isTypedElsewhere = $state(false);

  readonly #place: DraftPlace;
  #isClosed = false;
  #isWritten: boolean;
  /** Of the text that is here, as in `StoredDraft`. */
  #at: number;
  #typedAt = Number.NEGATIVE_INFINITY;
  #unwrittenSince = 0;
  #sentAt = Number.NEGATIVE_INFINITY;
  #isSending = false;
  #isUrgent = false;
  /** On its way: what others wrote before that is overwritten by it. */
  #awaited: string | undefined;
  #lastSent: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #copyTimer: ReturnType<typeof setTimeout> | undefined;
  #presenceTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(place: DraftPlace) {
    const kept = place.read();
    this.text = $state(kept?.text ?? '');
    this.#place = place;
    this.#at = kept?.at ?? 0;
    this.#isWritten = kept?.isWritten ?? true;
  }

  /** Takes what somebody has typed here. */
  edit(text: string): void {
    if (text === this.text) return;
    this.#typedAt = performance.now();
    this.#replace(text);
  }

  /** The text was sent. That is not typing: what another device begins right now may take the place. */
  clear(): void {
    this.#typedAt = Number.NEGATIVE_INFINITY;
    this.#replace('');
    this.flush();
  }

  /** Writes without waiting for a pause: nobody knows whether there is a later. */
  flush(): void {
    if (this.#isWritten) return;
    this.#copy();
    this.#isUrgent = true;
    void this.#write();
  }

  /** The connection is back. */
  resume(): void {
    if (!this.#isWritten) this.#later(RESUME_MS);
  }

  /** Another state of it, as the stream tells it. */
  onRemoteEdit(remote: RemoteDraft): void {
    if (remote.origin === this.#place.origin) {
      if (remote.text === this.#awaited) this.#awaited = undefined;
      // An acknowledgement may overtake events: what was older than this text stood here for a moment.
      else if (this.#isWritten && remote.text === this.#lastSent) this.#adopt(remote);
      return;
    }
    this.#showPresence(remote.text !== '');
    this.#meet(remote);
  }

  /** What the server holds, as a snapshot tells it. */
  found(remote: RemoteDraft | null): void {
    this.#meet(remote ?? { text: '', at: 0 });
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#copyTimer);
    clearTimeout(this.#presenceTimer);
  }

  #meet(remote: Pick<RemoteDraft, 'text' | 'at'>): void {
    if (this.#awaited !== undefined) return;
    const isTyping = performance.now() - this.#typedAt < TYPING_MS;
    // A text that is too long to be written is nowhere but here.
    const isAhead = !this.#isWritten && (this.#at >= remote.at || isLongerThan(this.text, MAX_TEXT_BYTES));
    if (remote.text === this.text || (!isTyping && !isAhead)) this.#adopt(remote);
    else this.#unwritten();
  }

  #adopt({ text, at }: Pick<RemoteDraft, 'text' | 'at'>): void {
    clearTimeout(this.#timer);
    this.text = text;
    this.#at = at;
    this.#isWritten = true;
    // Another tab of this browser may be ahead of the server; its copy is the one to keep.
    const kept = this.#place.read();
    if (!kept || kept.isWritten || kept.at <= at) this.#copy();
  }

  #replace(text: string): void {
    this.text = text;
    // Later than what stood here, whatever the clock of this device says.
    this.#at = Math.max(timeOfDay(), this.#at + 1);
    this.#showPresence(false);
    this.#unwritten();
    if (text.length <= MAX_TEXT_BYTES) this.#copy();
    else this.#copyTimer ??= setTimeout(() => this.#copy(), LONG_COPY_MS);
  }

  #unwritten(): void {
    if (this.#isWritten) this.#unwrittenSince = performance.now();
    this.#isWritten = false;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isSending) return;
    const pause = Math.min(this.#typedAt + PAUSE_MS, this.#unwrittenSince + INTERVAL_MS);
    this.#later(Math.max(pause, this.#sentAt + INTERVAL_MS) - performance.now());
  }

  #later(waitMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#write(), Math.max(0, waitMs));
  }

  async #write(): Promise<void> {
    clearTimeout(this.#timer);
    const text = storableText(this.text);
    if (this.#isClosed || this.#isWritten || this.#isSending || isLongerThan(text, MAX_TEXT_BYTES)) return;
    this.#isUrgent = false;
    this.#isSending = true;
    this.#sentAt = performance.now();
    this.#awaited = text;
    this.#lastSent = text;
    try {
      await this.#place.send(text);
      this.#isSending = false;
      this.#awaited = undefined;
      this.#written(text);
    } catch (error) {
      this.#isSending = false;
      this.#awaited = undefined;
      this.#failed(error);
    }
  }

  #written(text: string): void {
    if (this.#isClosed) return;
    // Half a character may have been typed so far: it is not replaced under the fingers.
    if (storableText(this.text) === text) {
      this.#isWritten = true;
      this.#copy();
      return;
    }
    this.#unwrittenSince = performance.now();
    if (this.#isUrgent) void this.#write();
    else this.#schedule();
  }

  /** The copy in the browser stays; it is written with the next change, or when the connection is back. */
  #failed(error: unknown): void {
    if (!(error instanceof RequestFailed)) throw error;
    console.debug('A draft is kept in this browser alone for now', error);
    const isWorthwhile = error.isRetryable && error.code !== 'disconnected';
    if (isWorthwhile && !this.#isClosed) this.#later(Math.max(error.retryAfterMs ?? 0, RETRY_MS));
  }

  #copy(): void {
    clearTimeout(this.#copyTimer);
    this.#copyTimer = undefined;
    // Whoever left may have wished that nothing stays here.
    if (this.#isClosed) return;
    const { text } = this;
    const isNothing = text === '' && this.#isWritten;
    this.#place.store(isNothing ? undefined : { text, at: this.#at, isWritten: this.#isWritten });
  }

  #showPresence(isTyped: boolean): void {
    clearTimeout(this.#presenceTimer);
    this.isTypedElsewhere = isTyped;
    if (isTyped) this.#presenceTimer = setTimeout(() => (this.isTypedElsewhere = false), PRESENCE_MS);
  }
}
