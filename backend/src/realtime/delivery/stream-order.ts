import type { CommittedBatch } from '../../streams/log/committed-batch.js';

/** How long to wait for missing batches before they are read from the log. */
const GRACE_MS = 50;
const RETRY_MS = 500;
/** The highest number of waiting batches of a stream; further ones are read from the log with the missing ones. */
const MAX_WAITING = 100;

/** The gap of a stream with missing events. */
interface Gap {
  /** The batches that came too early, by their first number. */
  readonly batches: Map<number, CommittedBatch>;
  /** The newest known event of the stream. */
  head: number;
  timer: NodeJS.Timeout | undefined;
}

/** The callbacks of `StreamOrder`. */
export interface Ends {
  pass(batch: CommittedBatch): void;
  /** Reads the events after `seq` from the log and passes them to `StreamOrder.add`. Rejects when that fails. */
  fetch(stream: string, seq: number): Promise<void>;
}

/**
 * Passes the batches of each stream on in the order of their numbers, without repetition. With several processes they
 * arrive in any order, and some get lost: an early batch waits a moment for the missing ones, which are then read from
 * the log.
 */
export class StreamOrder {
  /** The newest event that was passed on, by stream. */
  private readonly published = new Map<string, number>();
  private readonly gaps = new Map<string, Gap>();

  constructor(private readonly ends: Ends) {}

  /** The followed streams, each with the newest event that was passed on. */
  get entries(): readonly (readonly [stream: string, seq: number])[] {
    return [...this.published];
  }

  /** The newest event of a stream that was passed on; `undefined` when the stream is not followed. */
  publishedOf(stream: string): number | undefined {
    return this.published.get(stream);
  }

  /** Starts to pass on the events after `seq`; for a stream that is already followed, the lower number counts. */
  follow(stream: string, seq: number): void {
    const known = this.published.get(stream);
    if (known === undefined || seq < known) this.published.set(stream, seq);
    // Of two sockets that join at once, the later one may have read less: the rest is sent again.
    if (known !== undefined) this.expect(stream, known);
  }

  forget(stream: string): void {
    this.published.delete(stream);
    this.close(stream);
  }

  /** Sets the position of a stream to `seq`, whatever it was before. */
  startAt(stream: string, seq: number): void {
    this.published.set(stream, seq);
    this.close(stream);
  }

  /**
   * Notes that the stream has events up to `seq`: missing ones are read if they do not arrive.
   * @param graceMs how long to wait before reading
   */
  expect(stream: string, seq: number, graceMs = GRACE_MS): void {
    const published = this.published.get(stream);
    if (published === undefined || seq <= published) return;
    const gap = this.gapOf(stream, graceMs);
    gap.head = Math.max(gap.head, seq);
  }

  /**
   * Adds a batch. @param isRead whether it was read from the log, which then has none of the events missing before it
   */
  add(batch: CommittedBatch, isRead = false): void {
    const { stream, firstSeq, lastSeq } = batch;
    const published = this.published.get(stream);
    if (published === undefined) return this.ends.pass(batch);
    if (lastSeq <= published) return;
    if (firstSeq <= published + 1 || isRead) {
      this.pass(batch);
      this.passWaiting(stream);
      return;
    }
    const gap = this.gapOf(stream);
    gap.head = Math.max(gap.head, lastSeq);
    if (gap.batches.size < MAX_WAITING) gap.batches.set(firstSeq, batch);
  }

  private pass(batch: CommittedBatch): void {
    this.published.set(batch.stream, batch.lastSeq);
    this.ends.pass(batch);
  }

  private passWaiting(stream: string): void {
    const gap = this.gaps.get(stream);
    if (!gap) return;
    const published = (): number => this.published.get(stream) ?? 0;
    for (const first of [...gap.batches.keys()].sort((a, b) => a - b)) {
      const batch = gap.batches.get(first);
      if (!batch || first > published() + 1) break;
      gap.batches.delete(first);
      if (batch.lastSeq > published()) this.pass(batch);
    }
    if (published() >= gap.head) this.close(stream);
  }

  private gapOf(stream: string, graceMs = GRACE_MS): Gap {
    const known = this.gaps.get(stream);
    if (known) return known;
    const gap: Gap = { batches: new Map(), head: 0, timer: undefined };
    this.gaps.set(stream, gap);
    this.fetchLater(stream, gap, graceMs);
    return gap;
  }

  private fetchLater(stream: string, gap: Gap, delayMs: number): void {
    gap.timer = setTimeout(() => void this.fetch(stream, gap), delayMs);
    gap.timer.unref();
  }

  private async fetch(stream: string, gap: Gap): Promise<void> {
    const published = this.published.get(stream);
    if (published === undefined) return;
    try {
      await this.ends.fetch(stream, published);
    } catch {
      // `fetch` has logged the error. The database is not available: try again later.
      if (this.gaps.get(stream) === gap) this.fetchLater(stream, gap, RETRY_MS);
      return;
    }
    if (this.gaps.get(stream) !== gap) return;
    if (this.published.get(stream) !== published) return this.fetchLater(stream, gap, GRACE_MS);
    // The log has no such events, so do not wait any longer: clients notice the gap themselves.
    for (const batch of [...gap.batches.values()].sort((a, b) => a.firstSeq - b.firstSeq)) this.pass(batch);
    this.close(stream);
  }

  private close(stream: string): void {
    clearTimeout(this.gaps.get(stream)?.timer);
    this.gaps.delete(stream);
  }
}
