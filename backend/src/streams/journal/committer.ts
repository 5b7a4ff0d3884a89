import { telemetry } from '../../telemetry.js';
import type { JournalWriter } from './journal.js';

/** A writer that the committer schedules. */
export interface CommitWriter extends JournalWriter {
  /** The earliest time of the writer's next commit, by `performance.now()`. */
  readonly notBefore: number;
  /** The commit failed: the writer keeps its pending text and is tried again, unless this returns `false`. */
  refused(error: unknown): boolean;
}

/**
 * Commits the pending text of some writers, and calls each of them with the outcome; resolves to the number of deltas
 * that were written, and rejects when the database fails.
 */
export interface Commits<Writer> {
  commit(writers: readonly Writer[]): Promise<number>;
  /** The outcome of the last commit is not known: `commit` must be called again. */
  readonly isDoubtful: boolean;
}

const PAUSE_AFTER_REFUSAL_MS = 250;
/** The longest time between the starts of two commits under load. */
const LONGEST_GAP_MS = 8;
/** The gap between commits, in milliseconds, for each delta that arrives per millisecond. */
const GAP_PER_DELTA = 2;
/** The period over which the load is measured. */
const LOAD_WINDOW_MS = 100;

/**
 * Commits the pending text of all runs of this process, one transaction after another. Without load a token is
 * committed at the end of the turn of the event loop in which it arrived. Under load the starts of commits are a few
 * milliseconds apart, so that each includes more tokens: a commit costs about the same for one token as for ten.
 *
 * One token costs 0.5 us of CPU here.
 */
export class Committer<Writer extends CommitWriter> {
  private readonly waiting = new Set<Writer>();
  private readonly load = new Load();
  private isCommitting = false;
  /** When the next commit may start, by `performance.now()`. */
  private notBefore = 0;
  private next: { readonly at: number; cancel(): void } | undefined;
  private readonly idlers: (() => void)[] = [];

  constructor(private readonly journal: Commits<Writer>) {}

  /** Schedules a commit for the writer, which has pending text or a lease to renew. */
  submit(writer: Writer): void {
    this.waiting.add(writer);
    if (!this.isCommitting) this.schedule(Math.max(this.notBefore, writer.notBefore));
  }

  /** The number of writers that wait for a commit. */
  get depth(): number {
    return this.waiting.size;
  }

  /** Resolves when no writer waits and no commit is running or in doubt. */
  async idle(): Promise<void> {
    if (this.isCommitting || this.waiting.size > 0) await new Promise<void>((resolve) => this.idlers.push(resolve));
  }

  private schedule(at: number): void {
    if (this.next && this.next.at <= at) return;
    this.next?.cancel();
    const start = (): void => {
      this.next = undefined;
      void this.commit();
    };
    const delayMs = at - performance.now();
    if (delayMs <= 0) {
      // After the sockets were read: everything that arrived in this turn of the event loop is committed together.
      const immediate = setImmediate(start);
      this.next = { at, cancel: () => clearImmediate(immediate) };
    } else {
      const timer = setTimeout(start, Math.max(1, delayMs));
      this.next = { at, cancel: () => clearTimeout(timer) };
    }
  }

  private async commit(): Promise<void> {
    this.isCommitting = true;
    const startedAt = performance.now();
    const due = this.takeDue(startedAt);
    try {
      if (due.length > 0 || this.journal.isDoubtful) report(startedAt, await this.journal.commit(due));
      this.notBefore = startedAt + this.load.gapMs(due.length, startedAt);
    } catch (error) {
      for (const writer of due) if (writer.refused(error)) this.waiting.add(writer);
      this.notBefore = performance.now() + PAUSE_AFTER_REFUSAL_MS;
    }
    this.isCommitting = false;
    this.goOn();
  }

  private takeDue(now: number): Writer[] {
    const due: Writer[] = [];
    for (const writer of this.waiting) if (writer.notBefore <= now) due.push(writer);
    for (const writer of due) this.waiting.delete(writer);
    return due;
  }

  private goOn(): void {
    if (this.waiting.size === 0 && !this.journal.isDoubtful) {
      for (const resolve of this.idlers.splice(0)) resolve();
      return;
    }
    let first = Number.POSITIVE_INFINITY;
    for (const { notBefore } of this.waiting) first = Math.min(first, notBefore);
    this.schedule(Math.max(this.notBefore, this.journal.isDoubtful ? 0 : first));
  }
}

function report(startedAt: number, deltas: number): void {
  const { deltasCommitted } = telemetry;
  if (deltasCommitted.isHeard) deltasCommitted.publish({ durationMs: performance.now() - startedAt, deltas });
}

/** Measures how many deltas arrive, and derives the gap between commits from that. */
class Load {
  private since = 0;
  private count = 0;
  private perMs = 0;

  gapMs(deltas: number, now: number): number {
    this.count += deltas;
    const elapsed = now - this.since;
    if (elapsed >= LOAD_WINDOW_MS) {
      this.perMs = this.count / elapsed;
      this.since = now;
      this.count = 0;
    }
    const gapMs = this.perMs * GAP_PER_DELTA;
    // Timers are not more precise than a millisecond. So a few replies are committed token by token.
    return gapMs < 1 ? 0 : Math.min(gapMs, LONGEST_GAP_MS);
  }
}
