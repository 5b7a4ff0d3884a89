import type { ThrottlerStorage } from '@nestjs/throttler';

type Counted = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/** The attempts of one user or address. Times are by `performance.now()`. */
interface Attempts {
  /** When each attempt expires, in ascending order. */
  ends: number[];
  blockedUntil: number;
}

const SWEEP_EVERY_MS = 60_000;

/**
 * Counts attempts within a sliding window, like the storage of the library. That one uses the time of day: if the clock
 * were set back by an hour, everyone who has reached a limit would be blocked for an hour.
 */
export class AttemptCounts implements ThrottlerStorage {
  private readonly attempts = new Map<string, Attempts>();
  private sweptAt = performance.now();

  /** @param ttlMs how long an attempt counts; @param blockMs how long a key is blocked after exceeding `limit` */
  increment(key: string, ttlMs: number, limit: number, blockMs: number): Promise<Counted> {
    const now = performance.now();
    if (now - this.sweptAt >= SWEEP_EVERY_MS) this.sweep(now);
    const known = this.attempts.get(key) ?? { ends: [], blockedUntil: 0 };
    this.attempts.set(key, known);
    // After a block counting starts from zero.
    if (known.blockedUntil > 0 && known.blockedUntil <= now) Object.assign(known, { ends: [], blockedUntil: 0 });
    known.ends = known.ends.filter((end) => end > now);
    if (known.blockedUntil === 0) {
      known.ends.push(now + ttlMs);
      if (known.ends.length > limit) known.blockedUntil = now + blockMs;
    }
    return Promise.resolve({
      totalHits: known.ends.length,
      timeToExpire: secondsUntil(known.ends[0] ?? now, now),
      isBlocked: known.blockedUntil > 0,
      timeToBlockExpire: secondsUntil(known.blockedUntil, now),
    });
  }

  private sweep(now: number): void {
    this.sweptAt = now;
    for (const [key, { ends, blockedUntil }] of this.attempts) {
      if (blockedUntil <= now && (ends.at(-1) ?? 0) <= now) this.attempts.delete(key);
    }
  }
}

const secondsUntil = (moment: number, now: number): number => Math.max(0, Math.ceil((moment - now) / 1000));
