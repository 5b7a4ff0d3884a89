import { AsyncLocalStorage } from 'node:async_hooks';
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurnOfTheLoop } from 'node:timers/promises';

/** The kinds of transactions, the most urgent first. */
export const PRIORITIES = ['tokens', 'commands', 'reads', 'upkeep'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** The longest time of consecutive turns before the event loop reads its sockets again. */
const SLICE_MS = 4;
/** A transaction that has waited this long goes first, even before more urgent ones. */
const LONGEST_WAIT_MS = 1_000;

interface Waiting {
  readonly since: number;
  readonly start: () => Promise<void> | void;
}

/**
 * Gives the only connection of SQLite to one transaction after another: tokens before commands, commands before reads,
 * reads before upkeep. SQLite runs on the event loop, so the queue also pauses regularly, so that many transactions do
 * not keep the loop from reading sockets, which bring the tokens.
 */
export class TransactionQueue {
  private readonly waiting: Record<Priority, Waiting[]> = { tokens: [], commands: [], reads: [], upkeep: [] };
  private isBusy = false;
  private isScheduled = false;
  /** The time of turns in milliseconds, without tokens, since the loop last read its sockets. */
  private spentMs = 0;

  /** The number of waiting transactions. */
  private get backlog(): number {
    return PRIORITIES.reduce((sum, kind) => sum + this.waiting[kind].length, 0);
  }

  /**
   * Runs `work` when nothing else runs: synchronously if that is the case now, else in its turn. The turn ends with the
   * result or error of `work`.
   */
  run<T>(kind: Priority, work: () => Promise<T> | T): Promise<T> {
    if (!this.isBusy && (kind === 'tokens' || (this.spentMs < SLICE_MS && this.backlog === 0))) {
      return this.take(kind, work);
    }
    return new Promise<T>((resolve, reject) => {
      const start = (): Promise<void> => this.take(kind, work).then(resolve, reject);
      // The end of a turn starts the next one, which must run in the async context of its own caller. Tokens belong to
      // no request.
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

  /** Starts the next turn after one iteration of the event loop, in which sockets are read and tokens are committed. */
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
