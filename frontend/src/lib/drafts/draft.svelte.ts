import type { Draft as RemoteDraft } from '#protocol';
import { reduceDraft } from './draft-reducer.ts';
import { type DraftEffect, type DraftEvent, nextDeadline, openDraft } from './draft-state.ts';
import type { StoredDraft } from './draft-storage.ts';
import { RequestFailed } from '../http/request-failed.ts';
import { timeOfDay } from '../time-of-day.ts';

/** The dependencies of a draft; injected, so that it runs without a browser. */
export interface DraftPlace {
  /** Identifies this tab as the origin of edits. */
  readonly origin: string;
  read(): StoredDraft | undefined;
  store(draft: StoredDraft | undefined): void;
  /** Throws `RequestFailed`. */
  send(text: string): Promise<void>;
}

/**
 * The text of one composer, the same on all devices of the user. It is stored in the browser at once and saved on the
 * server in pauses. The logic is in `reduceDraft`; this class has the timer, the storage and the connection.
 */
export class Draft {
  #text = $state('');
  #isTypedElsewhere = $state(false);
  #state;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly place: DraftPlace) {
    this.#state = openDraft(place.read(), performance.now());
    this.#text = this.#state.text;
  }

  get text(): string {
    return this.#text;
  }

  /** Whether the user has just typed on another device. */
  get isTypedElsewhere(): boolean {
    return this.#isTypedElsewhere;
  }

  edit(text: string): void {
    this.#dispatch({ type: 'edited', text, timeOfDay: timeOfDay() });
  }

  /** The text was sent as a message. */
  clear(): void {
    this.#dispatch({ type: 'sent', timeOfDay: timeOfDay() });
  }

  /** Saves without waiting for a pause: the page may be left. */
  flush(): void {
    this.#dispatch({ type: 'flushed' });
  }

  /** The connection is restored. */
  resume(): void {
    this.#dispatch({ type: 'connected' });
  }

  /** The stream delivers an edit, of this tab or of another one. */
  onRemoteEdit(remote: RemoteDraft): void {
    this.#dispatch({ type: remote.origin === this.place.origin ? 'echoed' : 'remotelyEdited', remote });
  }

  /** A snapshot delivers the server's draft. */
  found(remote: RemoteDraft | null): void {
    this.#dispatch({ type: 'snapshot', remote: remote ?? { text: '', at: 0 } });
  }

  close(): void {
    this.#dispatch({ type: 'closed' });
  }

  #dispatch(event: DraftEvent): void {
    const { state, effects } = reduceDraft(this.#state, event, performance.now());
    this.#state = state;
    this.#text = state.text;
    this.#isTypedElsewhere = state.typedElsewhereUntil !== undefined;
    for (const effect of effects) this.#perform(effect);
    this.#arm();
  }

  #perform(effect: DraftEffect): void {
    switch (effect.type) {
      case 'send':
        void this.#send(effect.text);
        return;
      case 'store':
        this.place.store(effect.draft);
        return;
      case 'storeAdopted': {
        const kept = this.place.read();
        if (!kept || kept.isWritten || kept.at <= effect.at) this.place.store(effect.draft);
      }
    }
  }

  async #send(text: string): Promise<void> {
    try {
      await this.place.send(text);
    } catch (error) {
      const isRetryable = error instanceof RequestFailed && error.isRetryable && error.code !== 'disconnected';
      const retryAfterMs = error instanceof RequestFailed ? error.retryAfterMs : undefined;
      this.#dispatch({ type: 'failed', isWorthRetrying: isRetryable, retryAfterMs });
      if (!(error instanceof RequestFailed)) throw error;
      console.debug('A draft is only stored in this browser for now', error);
      return;
    }
    this.#dispatch({ type: 'acknowledged' });
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const deadline = nextDeadline(this.#state);
    if (deadline === undefined) return;
    this.#timer = setTimeout(() => this.#dispatch({ type: 'timePassed' }), Math.max(0, deadline - performance.now()));
  }
}
