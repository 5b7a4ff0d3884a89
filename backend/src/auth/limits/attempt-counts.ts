import type { ThrottlerStorage } from '@nestjs/throttler';

type Counted = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/** What one person or address has done. Moments are those of `performance.now()`. */
interface Attempts {
  /** When each of them counts no more, the first one first. */
  ends: number[];
  blockedUntil: number;
}

const SWEEP_EVERY_MS = 60_000;

/**
 * Counts attempts within a sliding time. As the library's own, which goes by the time of day: an hour back and it would
 * keep everybody out for an hour who had used up a minute's worth.
 */
export class AttemptCounts implements ThrottlerStorage {
  private readonly attempts = new Map<string, Attempts>();
  private sweptAt = performance.now();

  /** @param ttlMs how long an attempt counts; @param blockMs how long whoever goes beyond `limit` is kept out */
  increment(key: string, ttlMs: number, limit: number, blockMs: number): Promise<Counted> {
    const now = performance.now();
    if (now - this.sweptAt >= SWEEP_EVERY_MS) this.sweep(now);
    const known = this.attempts.get(key) ?? { ends: [], blockedUntil: 0 };
    this.attempts.set(key, known);
    // Who was kept out begins anew.
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
