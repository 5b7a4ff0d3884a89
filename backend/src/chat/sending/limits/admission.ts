import { performance } from 'node:perf_hooks';
import { ChatError } from '../../../protocol/index.js';

/** A page would rather hear that the server is busy than wait for longer. */
const LONGEST_WAIT_MS = 10_000;
/** What a command takes before the first of them has shown it. */
const FIRST_GUESS_MS = 5;
/** However quick the last ones were, no more than 5,000 wait: each holds a text of up to 32 KiB. */
const LEAST_MS = 2;
/** One that had to wait for another process's lock says little about those that follow. */
const MOST_MS = 1_000;
const WEIGHT = 0.1;

/**
 * Refuses a command that would wait for too long behind those that came before. How long that is follows from how many
 * wait in this process, and how quickly the last ones followed each other, whatever else the database did meanwhile.
 * Transactions that wait for SQLite are no measure: a crowd of readers waits there, and lets commands go first.
 */
export class Admission {
  private waiting = 0;
  private averageMs = FIRST_GUESS_MS;
  private lastDoneAt = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Milliseconds that a command would wait now. */
  get expectedMs(): number {
    return Math.round(this.waiting * Math.max(LEAST_MS, this.averageMs));
  }

  /** @throws ChatError `overloaded`, with the time in which those that wait now will be done; and what `work` throws */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const { expectedMs } = this;
    if (expectedMs > LONGEST_WAIT_MS) {
      throw new ChatError('overloaded', 'Too many messages are waiting.', { retryAfterMs: expectedMs });
    }
    const startedAt = this.now();
    this.waiting += 1;
    try {
      const result = await work();
      // Since the one before: most of the time of this one was theirs.
      const tookMs = Math.min(MOST_MS, this.now() - Math.max(startedAt, this.lastDoneAt));
      this.averageMs += (tookMs - this.averageMs) * WEIGHT;
      return result;
    } finally {
      this.waiting -= 1;
      this.lastDoneAt = this.now();
    }
  }
}
