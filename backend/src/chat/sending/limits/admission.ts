import { performance } from 'node:perf_hooks';
import { ChatError } from '../../../protocol/index.js';

/** The longest expected wait; beyond it a command is refused. */
const LONGEST_WAIT_MS = 10_000;
/** The assumed duration of a command before any was measured. */
const FIRST_GUESS_MS = 5;
/** The shortest duration that is assumed. So at most 5,000 commands wait, each with a text of up to 32 KiB. */
const LEAST_MS = 2;
/** Longer durations count as this: a wait for the lock of another process says little about the next commands. */
const MOST_MS = 1_000;
const WEIGHT = 0.1;

/**
 * Refuses a command that would wait too long behind earlier ones. The expected wait is the number of waiting commands
 * of this process times their recent average duration. The number of transactions that wait for SQLite would be
 * misleading: it includes readers, which commands overtake.
 */
export class Admission {
  private waiting = 0;
  private averageMs = FIRST_GUESS_MS;
  private lastDoneAt = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** How long a command would wait now, in milliseconds. */
  get expectedMs(): number {
    return Math.round(this.waiting * Math.max(LEAST_MS, this.averageMs));
  }

  /**
   * Runs `work` unless the wait is too long. @throws ChatError `overloaded` with the expected wait; and what `work`
   * throws
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const { expectedMs } = this;
    if (expectedMs > LONGEST_WAIT_MS) {
      throw new ChatError('overloaded', 'Too many messages are waiting.', { retryAfterMs: expectedMs });
    }
    const startedAt = this.now();
    this.waiting += 1;
    try {
      const result = await work();
      // Measured from the end of the previous command, because before that this one was only waiting.
      const tookMs = Math.min(MOST_MS, this.now() - Math.max(startedAt, this.lastDoneAt));
      this.averageMs += (tookMs - this.averageMs) * WEIGHT;
      return result;
    } finally {
      this.waiting -= 1;
      this.lastDoneAt = this.now();
    }
  }
}
