import { ChatError } from '../../../protocol/index.js';

const WINDOW_MS = 60_000;

/** Limits the messages of each user within a minute, on this process. */
export class SendLimiter {
  private readonly sent = new Map<string, number[]>();

  constructor(private readonly perMinute: number) {}

  /** @throws ChatError `rate_limited` with the time until the next message is allowed */
  check(userId: string, now = performance.now()): void {
    const recent = this.recent(userId, now);
    const oldest = recent[0];
    if (oldest === undefined || recent.length < this.perMinute) return;
    throw new ChatError('rate_limited', 'Too many messages within a minute.', {
      retryAfterMs: oldest + WINDOW_MS - now,
    });
  }

  /** Counts an accepted message; not called for repeated commands. */
  count(userId: string, now = performance.now()): void {
    this.sent.set(userId, [...this.recent(userId, now), now]);
  }

  private recent(userId: string, now: number): number[] {
    const recent = (this.sent.get(userId) ?? []).filter((at) => at > now - WINDOW_MS);
    if (recent.length === 0) this.sent.delete(userId);
    return recent;
  }
}
