import type { JournalWriter } from './journal.js';

/** A run that has something for the journal now and then. */
export interface CommitWriter extends JournalWriter {
  /** Not asked again before this moment, by `performance.now()`. */
  readonly notBefore: number;
  /** The database refused; the writer keeps what it has and is asked again, unless it returns `false`. */
  refused(error: unknown): boolean;
}

/** Commits what is pending of some writers, and tells each of them what became of it; rejects when the database does. */
export interface Commits<Writer> {
  commit(writers: readonly Writer[]): Promise<void>;
  /** What became of the last commit is not known: it has to be called once more. */
  readonly isDoubtful: boolean;
}

const PAUSE_AFTER_REFUSAL_MS = 250;
/** Under load commits are this far apart at most. */
const LONGEST_GAP_MS = 8;
/** How far apart, in milliseconds, for each delta that a millisecond brings. */
const GAP_PER_DELTA = 2;
/** Over how long the load is measured. */
const LOAD_WINDOW_MS = 100;

/**
 * Takes what is pending of all runs of this process, commits it in one transaction, and again. Alone, a token goes at
 * the end of the event loop's turn that brought it. Under load commits keep a distance of a few milliseconds from start
 * to start, so that each takes more tokens along: a commit costs about the same for one as for ten.
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

  /** The writer has something pending, or wants its lease renewed. */
  submit(writer: Writer): void {
    this.waiting.add(writer);
    if (!this.isCommitting) this.schedule(Math.max(this.notBefore, writer.notBefore));
  }

  /** Resolves when nothing waits. */
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
      // After the sockets were read: all that this turn of the loop has brought goes together.
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
      if (due.length > 0 || this.journal.isDoubtful) await this.journal.commit(due);
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

/** How many deltas come, and how far apart commits should be because of it. */
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
    // What timers cannot measure is no gap: a few answers are committed token by token.
    return gapMs < 1 ? 0 : Math.min(gapMs, LONGEST_GAP_MS);
  }
}
