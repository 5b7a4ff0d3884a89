import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

/** Together with one probe a second this is less than five seconds. */
const ANSWER_WITHIN_MS = 3_000;
/** How long a result is cached, because the route is public and may be called at any rate. */
const HOLDS_MS = 1_000;

/**
 * Finds out by a commit whether PostgreSQL works: an open connection does not show a full disk, a standby, or a pool
 * with all connections waiting.
 */
export class PostgresProbe {
  private last = { until: 0, works: true };
  private asking: Promise<boolean> | undefined;

  /**
   * @param commit runs an ordinary transaction
   * @param silentForMs returns how long the oldest other statement has been unanswered
   */
  constructor(
    private readonly commit: () => Promise<unknown>,
    private readonly silentForMs: () => number,
    private readonly withinMs = ANSWER_WITHIN_MS,
  ) {}

  /** Answers within three seconds, whatever PostgreSQL does. */
  async works(): Promise<boolean> {
    // Other connections may work, but the unanswered one may be that of all replies.
    if (this.silentForMs() > this.withinMs) return false;
    if (performance.now() < this.last.until) return this.last.works;
    this.asking ??= this.ask().finally(() => (this.asking = undefined));
    const works = await Promise.race([this.asking, delay(this.withinMs, false, { ref: false })]);
    this.last = { until: performance.now() + HOLDS_MS, works };
    return works;
  }

  private async ask(): Promise<boolean> {
    try {
      await this.commit();
      return true;
    } catch {
      // Transactions with real work log the reason.
      return false;
    }
  }
}
