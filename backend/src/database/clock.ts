import { v7 as uuidv7 } from 'uuid';
import { timeOfDay } from '../clock.js';

/** By how much what is known becomes less certain until the next answer. */
const DRIFT_MS = 0.5;
const ASK_EVERY_MS = 5_000;
/** How much slower than time it goes while it is ahead of what it follows. */
const CATCHING_UP = 0.5;
/** The counter of a UUIDv7 has 32 bits: one begins in the lower half, so that it can grow. */
const LOWER_HALF = 2 ** 31;

/**
 * Says what time it is, for moments that are stored and that processes share. On PostgreSQL it follows the database's
 * clock, whatever that of the machine says; on SQLite, which one process has to itself, that of the machine.
 *
 * It never goes back. Where it finds itself ahead, since the clock that it follows was set back, it goes on at half the
 * speed until that one has caught up. It follows a step forward at once: a machine that slept makes one too.
 *
 * Durations within a process are measured by `performance.now()`, which knows of no steps.
 */
export class Clock {
  /** How far the database's clock is ahead of `performance.now()`; the machine's counts until it is known. */
  private ahead: number | undefined;
  /** By how much that may be wrong. */
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
   * Finds out how far the database's clock is from this one. An answer that took long says little: it counts where it
   * contradicts what is known.
   * @param ask asks the database for its time, in milliseconds since 1970
   * @throws what `ask` throws; the clock goes on by what it knew
   */
  async follow(ask: () => Promise<number>): Promise<void> {
    const askedAt = performance.now();
    const time = await ask();
    // The answer was given at some moment in between.
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
    // What the machine's clock said before counts for nothing.
    if (known === undefined) this.time = 0;
  }

  /** Follows the database's clock from now on, as `follow` does every few seconds; resolves once it does. */
  async start(ask: () => Promise<number>): Promise<void> {
    await this.follow(ask);
    let asking: Promise<void> | undefined;
    this.timer = setInterval(() => {
      // Where there is no answer, the next one will do: meanwhile it goes by what it knows.
      asking ??= this.follow(ask)
        .catch(() => undefined)
        .finally(() => (asking = undefined));
    }, ASK_EVERY_MS).unref();
  }

  /** Asks no more. */
  stop(): void {
    clearInterval(this.timer);
  }

  /** A UUIDv7 of this moment, greater than all that this clock has made before. */
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
