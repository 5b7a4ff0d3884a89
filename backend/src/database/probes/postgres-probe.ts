import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

/** Together with a look each second this is less than five seconds. */
const ANSWER_WITHIN_MS = 3_000;
/** How long an answer holds. Anybody may ask, as often as they like. */
const HOLDS_MS = 1_000;

/**
 * Finds out whether PostgreSQL carries out what people ask for, by a commit: a connection that is there says nothing of
 * a disk that is full, of a standby, or of a pool whose connections all wait.
 */
export class PostgresProbe {
  private last = { until: 0, works: true };
  private asking: Promise<boolean> | undefined;

  /**
   * @param commit makes a transaction as any other
   * @param silentForMs for how long something else that people wait for has not been answered
   */
  constructor(
    private readonly commit: () => Promise<unknown>,
    private readonly silentForMs: () => number,
    private readonly withinMs = ANSWER_WITHIN_MS,
  ) {}

  /** Answers within three seconds, whatever PostgreSQL does. */
  async works(): Promise<boolean> {
    // The other connections may work. This one may be that of all replies.
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
      // What it was is logged by those who have something to write.
      return false;
    }
  }
}
