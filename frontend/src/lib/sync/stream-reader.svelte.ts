import { type ChatEvent, type Cursor, FoldMismatch, type StreamEvents, type SubscribeResult } from '#protocol';
import { backoffMs } from './backoff.ts';
import { RequestFailed } from '../http/request-failed.ts';
import type { StreamKind } from './stream-kind.ts';

/** The reader's connection to the server; injected, so that the reader runs without a browser. */
export interface StreamTransport {
  /** Throws `RequestFailed`. */
  subscribe(stream: string, after: Cursor | undefined, timeoutMs?: number): Promise<SubscribeResult>;
  unsubscribe(stream: string): void;
  readonly isConnected: boolean;
}

/** Called after events were applied and the view has changed. */
export interface StreamListener<Event extends ChatEvent> {
  /** One applied event. */
  readonly event?: (event: Event) => void;
  /** The view was replaced as a whole: data derived from single events has to be fetched again. */
  readonly snapshot?: () => void;
}

/** `live`: subscribed. `refused`: the user may not read this stream, or it does not exist. */
export type ReaderPhase = 'idle' | 'subscribing' | 'live' | 'refused';

/** How long to wait for the events of a head that is ahead of the reader. */
const HEAD_PATIENCE_MS = 400;
/** Two forced subscriptions within this time back off: subscribing faster would not help. */
const HASTE_MS = 2000;
/** Limit of batches that are held during a subscription; beyond it they are dropped, and the gap brings them back. */
const MAX_WAITING_BATCHES = 2000;

/**
 * Follows one stream (`L3`, `L4`): subscribes with a cursor, drops events that it has, applies the next ones,
 * subscribes again on a gap, and starts over with a snapshot if an event does not fit. Events are held until `flush`,
 * which the owner calls once per frame.
 */
export class StreamReader<View, Event extends ChatEvent> {
  view = $state.raw<View | undefined>(undefined);
  phase = $state<ReaderPhase>('idle');
  refusal = $state.raw<RequestFailed | undefined>(undefined);

  #cursor: Cursor | undefined;
  #pending: StreamEvents[] = [];
  /** Highest sequence number seen, applied or not. */
  #seenSeq = 0;
  /** Replies to an earlier subscription are ignored. */
  #generation = 0;
  #attempt = 0;
  #forcedAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #headTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<StreamListener<Event>>();

  constructor(
    readonly stream: string,
    private readonly kind: StreamKind<View, Event>,
    private readonly transport: StreamTransport,
    /** Requests a `flush` at the next frame from the owner. */
    private readonly requestFlush: () => void,
  ) {}

  get cursor(): Cursor | undefined {
    return this.#cursor;
  }

  listen(listener: StreamListener<Event>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Subscribes, from the cursor if there is one. Called again after each reconnect. */
  subscribe(timeoutMs?: number): Promise<void> {
    clearTimeout(this.#timer);
    clearTimeout(this.#headTimer);
    if (!this.transport.isConnected) {
      this.suspend();
      return Promise.resolve();
    }
    const generation = ++this.#generation;
    this.phase = 'subscribing';
    this.refusal = undefined;
    return this.transport.subscribe(this.stream, this.#cursor, timeoutMs).then(
      (result) => {
        if (generation === this.#generation) this.#subscribed(result);
      },
      (error: unknown) => {
        if (generation === this.#generation) this.#failed(error);
        throw error;
      },
    );
  }

  /** Call it when the connection is lost: no events come until `subscribe`. The view stays. */
  suspend(): void {
    this.#generation++;
    this.#pending = [];
    clearTimeout(this.#timer);
    clearTimeout(this.#headTimer);
    if (this.phase !== 'refused') this.phase = 'idle';
  }

  close(): void {
    this.suspend();
    this.#listeners.clear();
    if (this.transport.isConnected) this.transport.unsubscribe(this.stream);
  }

  receive(batch: StreamEvents): void {
    if (this.phase !== 'live' && this.phase !== 'subscribing') return;
    if (this.#pending.length >= MAX_WAITING_BATCHES) this.#pending = [];
    this.#pending.push(batch);
    this.#seenSeq = Math.max(this.#seenSeq, batch.events.at(-1)?.seq ?? 0);
    // Until the subscription is acknowledged, the position of these events is unknown: they wait.
    if (this.phase === 'live') this.requestFlush();
  }

  /** The server's head of this stream: the only way to notice that the last event was lost. */
  head(epoch: string, seq: number): void {
    if (this.phase !== 'live') return;
    if (epoch !== this.#cursor?.epoch) return this.resubscribe();
    if (seq <= this.#seenSeq) return;
    clearTimeout(this.#headTimer);
    this.#headTimer = setTimeout(() => {
      if (this.phase === 'live' && this.#seenSeq < seq) this.resubscribe();
    }, HEAD_PATIENCE_MS);
  }

  /** Subscribes again from the cursor; repeated calls back off. */
  resubscribe(): void {
    const isHasty = performance.now() - this.#forcedAt < HASTE_MS;
    this.#forcedAt = performance.now();
    this.phase = 'subscribing';
    if (isHasty) this.#later(backoffMs(this.#attempt++));
    else this.subscribe().catch(ignoreHandled);
  }

  flush(): void {
    if (this.phase !== 'live') return;
    const batches = this.#pending;
    this.#pending = [];
    for (const [at, batch] of batches.entries()) {
      if (batch.epoch !== this.#cursor?.epoch) {
        this.resubscribe();
        return;
      }
      if (!this.#apply(batch)) {
        // Later events may follow those of the new subscription.
        this.#pending = batches.slice(at);
        this.resubscribe();
        return;
      }
    }
  }

  #subscribed(result: SubscribeResult): void {
    this.#attempt = 0;
    if (result.mode === 'snapshot') {
      try {
        this.view = this.kind.parseState(result.state);
      } catch (error) {
        console.error(`The state of ${this.stream} has another shape`, error);
        this.#later(backoffMs(++this.#attempt + 2));
        return;
      }
      this.#cursor = { epoch: result.epoch, seq: result.seq };
    }
    this.#pending = this.#pending.filter(({ epoch }) => epoch === result.epoch);
    this.#seenSeq = Math.max(this.#cursor?.seq ?? 0, ...this.#pending.map(({ events }) => events.at(-1)?.seq ?? 0));
    this.phase = 'live';
    if (result.mode === 'snapshot') for (const listener of this.#listeners) listener.snapshot?.();
    else this.receive({ stream: this.stream, epoch: result.epoch, events: result.events });
    // Events of the subscription come before those that arrived during it.
    this.#pending.sort((one, other) => (one.events[0]?.seq ?? 0) - (other.events[0]?.seq ?? 0));
    this.flush();
  }

  #failed(error: unknown): void {
    if (error instanceof RequestFailed && !error.isRetryable && error.code !== 'unauthenticated') {
      this.phase = 'refused';
      this.refusal = error;
      this.#pending = [];
      return;
    }
    this.phase = 'idle';
    if (error instanceof RequestFailed && (error.code === 'disconnected' || error.code === 'unauthenticated')) return;
    this.#later(Math.max(backoffMs(this.#attempt++), error instanceof RequestFailed ? (error.retryAfterMs ?? 0) : 0));
  }

  #later(waitMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.subscribe().catch(ignoreHandled);
    }, waitMs);
  }

  /** Returns whether all events could be applied. */
  #apply({ events }: StreamEvents): boolean {
    const applied: Event[] = [];
    let { view } = this;
    let isWhole = true;
    for (const event of events) {
      if (!this.#cursor || view === undefined) return false;
      if (event.seq <= this.#cursor.seq) continue;
      if (event.seq > this.#cursor.seq + 1) {
        isWhole = false;
        break;
      }
      try {
        const known = this.kind.parseEvent(event);
        if (known) {
          view = this.kind.fold(view, known);
          applied.push(known);
        }
      } catch (error) {
        if (!(error instanceof FoldMismatch)) throw error;
        // The view is inconsistent: start over with a snapshot.
        this.#cursor = undefined;
        isWhole = false;
        break;
      }
      this.#cursor = { epoch: this.#cursor.epoch, seq: event.seq };
    }
    this.view = view;
    for (const event of applied) for (const listener of this.#listeners) listener.event?.(event);
    return isWhole;
  }
}

/** For promises whose failure the reader has already handled. */
const ignoreHandled = (error: unknown): void => console.debug('A stream subscribes again later', error);
