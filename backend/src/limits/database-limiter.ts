import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import RateLimiterStoreAbstract from 'rate-limiter-flexible/lib/RateLimiterStoreAbstract.js';
import type { RunsStatements } from '../database/transactions/transaction.js';
import type { Count, Counts } from './counts.js';
import type { Policy } from './policy.js';

/** Passed to `consume`: the points are added within this transaction. */
export interface WithinTransaction {
  readonly transaction: RunsStatements;
}

/**
 * A limiter of `rate-limiter-flexible` on the table `rate_limits`. The package's own stores open tables, read the system
 * clock, and need a connection for themselves.
 *
 * A key whose limit was exceeded is blocked in memory until its window ends, so that a flood costs no writes. While the
 * database does not answer, each process counts for itself.
 */
export class DatabaseLimiter extends RateLimiterStoreAbstract {
  private readonly longestMs: number;

  /** @param isWithin whether points are added within transactions, which fail if the database does not answer */
  constructor(
    { name, quota, seconds }: Policy,
    private readonly counts: Counts,
    isWithin: boolean,
  ) {
    const options = { keyPrefix: name, points: quota, duration: seconds };
    super({
      ...options,
      storeClient: counts,
      // Not at the last allowed point: a transaction that is rolled back gives it back.
      inMemoryBlockOnConsumed: quota + 1,
      ...(!isWithin && { insuranceLimiter: new RateLimiterMemory(options) }),
    });
    this.longestMs = seconds * 1_000;
  }

  /** How long a key is still refused without asking the database, in milliseconds; 0 if it is not. */
  blockedMs(key: string): number {
    return this.getInMemoryBlockMsBeforeExpire(this.getKey(key));
  }

  /** The package uses the system clock here. A block that seems to last longer than a window began before it was set. */
  protected override getInMemoryBlockMsBeforeExpire(key: string): number {
    const ms = super.getInMemoryBlockMsBeforeExpire(key);
    return ms > this.longestMs ? 0 : ms;
  }

  protected override _getRateLimiterRes(_key: string, changed: number, { points, msLeft }: Count): RateLimiterRes {
    return new RateLimiterRes(Math.max(0, this.points - points), Math.max(0, msLeft), points, points === changed);
  }

  protected override _upsert(
    key: string,
    points: number,
    durationMs: number,
    isForced: boolean,
    { transaction }: Partial<WithinTransaction>,
  ): Promise<Count> {
    if (isForced) return this.counts.set(key, points, durationMs);
    if (transaction) return this.counts.addWithin(transaction, key, points, durationMs);
    return this.counts.add(key, points, durationMs);
  }

  protected override _get(key: string): Promise<Count | null> {
    return this.counts.read(key);
  }

  protected override _delete(key: string): Promise<boolean> {
    return this.counts.remove(key);
  }
}
