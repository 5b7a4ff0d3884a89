import { v7 as uuidv7 } from 'uuid';
import { timeOfDay } from '../clock.js';

/** The growth of the uncertainty between two answers of the database. */
const DRIFT_MS = 0.5;
const ASK_EVERY_MS = 5_000;
/** The speed of the clock while it is ahead of the clock that it follows. */
const CATCHING_UP = 0.5;
/** The counter of a UUIDv7 has 32 bits; it starts in the lower half, so that it can grow. */
const LOWER_HALF = 2 ** 31;

/**
 * The clock for times that are stored or shared by processes. On PostgreSQL it follows the clock of the database; on
 * SQLite, which only one process uses, that of the machine.
 *
 * It never goes back: when the clock that it follows was set back, it runs at half speed until that one has caught up.
 * It follows a step forward at once, which also happens when a machine was suspended.
 *
 * Durations within a process are measured by `performance.now()`, which has no steps.
 */
export class Clock {
  /** The database's clock minus `performance.now()`; until it is known, the machine's clock is used. */
  private ahead: number | undefined;
  /** The uncertainty of `ahead`. */
  private marginMs = 0;
  private ticks = performance.now();
  private time = timeOfDay();
  private timer: NodeJS.Timeout | undefined;
  private idTime = 0;
  private idCount = 0;

  /** Milliseconds since 1970. */
  now(): number {
    const ticks = performance.now();
    const followed = this.ahead === undefined ? timeOfDay() : ticks + this.ahead;
    this.time = Math.max(followed, this.time + (ticks - this.ticks) * CATCHING_UP);
    this.ticks = ticks;
    return Math.floor(this.time);
  }

  /**
   * Measures the difference to the database's clock. A slow answer is uncertain, so it is used only if it contradicts
   * the known difference.
   * @param ask returns the time of the database, in milliseconds since 1970
   * @throws what `ask` throws; the clock then keeps its known difference
   */
  async follow(ask: () => Promise<number>): Promise<void> {
    const askedAt = performance.now();
    const time = await ask();
    // The answer is from some time between the request and now.
    const marginMs = (performance.now() - askedAt) / 2;
    const ahead = time - askedAt - marginMs;
    const known = this.ahead;
    const isBetter = marginMs <= this.marginMs;
    if (known === undefined || isBetter || Math.abs(ahead - known) > marginMs + this.marginMs) {
      this.ahead = ahead;
      this.marginMs = marginMs;
    } else {
      this.marginMs += DRIFT_MS;
    }
    // Earlier times by the machine's clock do not count.
    if (known === undefined) this.time = 0;
  }

  /** Starts to follow the database's clock: resolves after the first measurement, and repeats it every few seconds. */
  async start(ask: () => Promise<number>): Promise<void> {
    await this.follow(ask);
    let asking: Promise<void> | undefined;
    this.timer = setInterval(() => {
      // Without an answer the clock keeps its known difference until the next one.
      asking ??= this.follow(ask)
        .catch(() => undefined)
        .finally(() => (asking = undefined));
    }, ASK_EVERY_MS).unref();
  }

  /** Stops following. */
  stop(): void {
    clearInterval(this.timer);
  }

  /** A UUIDv7 of the current time, greater than all earlier ones of this clock. */
  newId(): string {
    const now = this.now();
    if (now > this.idTime) {
      this.idTime = now;
      this.idCount = Math.floor(Math.random() * LOWER_HALF);
    } else {
      this.idCount += 1;
    }
    return uuidv7({ msecs: this.idTime, seq: this.idCount });
  }
}
