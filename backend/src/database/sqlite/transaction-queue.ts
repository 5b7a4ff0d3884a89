import { AsyncLocalStorage } from 'node:async_hooks';
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurnOfTheLoop } from 'node:timers/promises';

/** What wants the connection, the most urgent first. */
export const PRIORITIES = ['tokens', 'commands', 'reads', 'upkeep'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** How long turns may follow each other before the event loop reads its sockets again. */
const SLICE_MS = 4;
/** Who has waited for so long goes first, however urgent the others are. */
const LONGEST_WAIT_MS = 1_000;

interface Waiting {
  readonly since: number;
  readonly start: () => Promise<void> | void;
}

/**
 * Gives the one connection of SQLite to one transaction after the other: tokens before commands, commands before reads,
 * reads before upkeep. All work on SQLite happens on the event loop, so it also sees to it that a crowd of transactions
 * does not keep the loop from its sockets, and so from the tokens that arrive meanwhile.
 */
export class TransactionQueue {
  private readonly waiting: Record<Priority, Waiting[]> = { tokens: [], commands: [], reads: [], upkeep: [] };
  private isBusy = false;
  private isScheduled = false;
  /** Milliseconds of turns, tokens apart, since the loop last read its sockets. */
  private spentMs = 0;

  /** How many wait for their turn. */
  private get backlog(): number {
    return PRIORITIES.reduce((sum, kind) => sum + this.waiting[kind].length, 0);
  }

  /**
   * Runs `work` when nothing else runs: at once and synchronously where that is so now, else in its turn. What it
   * returns or throws is the outcome; the turn ends with it.
   */
  run<T>(kind: Priority, work: () => Promise<T> | T): Promise<T> {
    if (!this.isBusy && (kind === 'tokens' || (this.spentMs < SLICE_MS && this.backlog === 0))) {
      return this.take(kind, work);
    }
    return new Promise<T>((resolve, reject) => {
      const start = (): Promise<void> => this.take(kind, work).then(resolve, reject);
      // Who ends a turn starts the next one: it must not be taken for whoever asked. Tokens belong to no request.
      this.waiting[kind].push({
        since: performance.now(),
        start: kind === 'tokens' ? start : AsyncLocalStorage.bind(start),
      });
      this.schedule();
    });
  }

  /** Resolves when nothing runs and nothing waits. */
  async idle(): Promise<void> {
    while (this.isBusy || this.backlog > 0) await nextTurnOfTheLoop();
  }

  private take<T>(kind: Priority, work: () => Promise<T> | T): Promise<T> {
    this.isBusy = true;
    const startedAt = performance.now();
    const finish = (): void => {
      this.isBusy = false;
      if (kind !== 'tokens') this.spentMs += performance.now() - startedAt;
      this.schedule();
    };
    let outcome: Promise<T> | T;
    try {
      outcome = work();
    } catch (error) {
      finish();
      return Promise.reject(error);
    }
    if (outcome instanceof Promise) return outcome.finally(finish);
    finish();
    return Promise.resolve(outcome);
  }

  /** The next turn begins after the loop has been around once: sockets are read, and commits of tokens begin. */
  private schedule(): void {
    if (this.isScheduled || this.isBusy) return;
    if (this.backlog === 0 && this.spentMs === 0) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.spentMs = 0;
      if (this.isBusy) return;
      void this.next()?.start();
    });
  }

  private next(): Waiting | undefined {
    if (this.waiting.tokens.length > 0) return this.waiting.tokens.shift();
    const now = performance.now();
    const late = PRIORITIES.find((kind) => now - (this.waiting[kind][0]?.since ?? now) > LONGEST_WAIT_MS);
    const kind = late ?? PRIORITIES.find((other) => this.waiting[other].length > 0);
    return kind && this.waiting[kind].shift();
  }
}
