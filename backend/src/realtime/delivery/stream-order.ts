import type { CommittedBatch } from '../../streams/log/committed-batch.js';

/** What comes before a batch has so long to arrive by itself. */
const GRACE_MS = 50;
const RETRY_MS = 500;
/** So many batches of a stream wait; past that they are read from the log with the rest. */
const MAX_WAITING = 100;

/** A stream of which something is missing. */
interface Gap {
  /** What came too early, by its first number. */
  readonly batches: Map<number, CommittedBatch>;
  /** The stream stands here at least. */
  head: number;
  timer: NodeJS.Timeout | undefined;
}

/** Where batches go, and where those come from that did not arrive. */
export interface Ends {
  pass(batch: CommittedBatch): void;
  /** Reads from the log what follows `seq`; it comes back by `StreamOrder.add`. Rejects when it cannot be read. */
  fetch(stream: string, seq: number): Promise<void>;
}

/**
 * Passes the batches of each stream on in the order of their numbers, each once. With several processes they come in any
 * order, and some do not come: what is early waits a moment for what is late, which is then read from the log.
 */
export class StreamOrder {
  /** By stream: the newest event that was passed on. */
  private readonly published = new Map<string, number>();
  private readonly gaps = new Map<string, Gap>();

  constructor(private readonly ends: Ends) {}

  /** The streams that are followed, and how far each has come. */
  get entries(): readonly (readonly [stream: string, seq: number])[] {
    return [...this.published];
  }

  /** How far a stream has come; `undefined` when it is not followed. */
  publishedOf(stream: string): number | undefined {
    return this.published.get(stream);
  }

  /** From now on what follows `seq` is passed on; what is known of the stream already stays as it is. */
  follow(stream: string, seq: number): void {
    const known = this.published.get(stream);
    if (known === undefined || seq < known) this.published.set(stream, seq);
    // Of two that join at once the later one may have read less: it has to be told the rest.
    if (known !== undefined) this.expect(stream, known);
  }

  forget(stream: string): void {
    this.published.delete(stream);
    this.close(stream);
  }

  /** The stream stands at `seq`, whatever came before. */
  startAt(stream: string, seq: number): void {
    this.published.set(stream, seq);
    this.close(stream);
  }

  /**
   * The stream stands at `seq` by what is known: what is missing will come, or is read.
   * @param graceMs how long it has for coming by itself
   */
  expect(stream: string, seq: number, graceMs = GRACE_MS): void {
    const published = this.published.get(stream);
    if (published === undefined || seq <= published) return;
    const gap = this.gapOf(stream, graceMs);
    gap.head = Math.max(gap.head, seq);
  }

  /** @param isRead it comes from the log: whatever is missing before it is not to be had */
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
      // Whoever reads has said so. The database is away: what is missing will be there when it is back.
      if (this.gaps.get(stream) === gap) this.fetchLater(stream, gap, RETRY_MS);
      return;
    }
    if (this.gaps.get(stream) !== gap) return;
    if (this.published.get(stream) !== published) return this.fetchLater(stream, gap, GRACE_MS);
    // Nothing came of it, so there is nothing to wait for: tabs find the hole themselves.
    for (const batch of [...gap.batches.values()].sort((a, b) => a.firstSeq - b.firstSeq)) this.pass(batch);
    this.close(stream);
  }

  private close(stream: string): void {
    clearTimeout(this.gaps.get(stream)?.timer);
    this.gaps.delete(stream);
  }
}
