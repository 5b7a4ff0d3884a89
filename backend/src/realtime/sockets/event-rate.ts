import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/**
 * Limits what each socket sends: `perSecond` on average, `burst` at once. In memory, because a socket belongs to one
 * process, and because a write for each event would cost more than most events.
 */
export class EventRate {
  private readonly limiter: RateLimiterMemory;
  private readonly windowMs: number;

  constructor(perSecond: number, burst: number) {
    const seconds = burst / perSecond;
    this.windowMs = seconds * 1_000;
    this.limiter = new RateLimiterMemory({ keyPrefix: '', points: burst, duration: seconds });
  }

  /** Counts an event of a socket. @returns 0 if it is allowed, else the milliseconds until the next one is */
  async take(socketId: string): Promise<number> {
    try {
      await this.limiter.consume(socketId);
      return 0;
    } catch (left) {
      if (!(left instanceof RateLimiterRes)) throw left;
      // The package subtracts times of the system clock, which may have been set; its timer has not.
      return Math.min(Math.max(1, Math.ceil(left.msBeforeNext)), this.windowMs);
    }
  }
}
