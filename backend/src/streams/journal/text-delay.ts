import { telemetry } from '../../telemetry.js';

/**
 * Measures how long the text of one run is on its way through this process, from the arrival of a piece until its frame
 * is written. A delta may have several pieces; the first one counts, which has waited longest.
 *
 * This reads the clock at most twice per delta.
 */
export class TextDelay {
  /** When the first piece that is not sent yet arrived, by `performance.now()`. */
  private waitingSince: number | undefined;
  /** When the first piece after the last `taken` arrived. */
  private newerSince: number | undefined;
  private isTaken = false;

  /** `undefined` without a subscriber. */
  static ifHeard(): TextDelay | undefined {
    return telemetry.textSent.isHeard ? new TextDelay() : undefined;
  }

  /** A piece has arrived. */
  arrived(): void {
    if (this.waitingSince === undefined) this.waitingSince = performance.now();
    else if (this.isTaken) this.newerSince ??= performance.now();
  }

  /** A commit writes everything that has arrived; it may be repeated with more. */
  taken(): void {
    this.isTaken = true;
    this.newerSince = undefined;
  }

  /** What was taken is committed, and was sent to the sockets. */
  sent(now = performance.now()): void {
    telemetry.textSent.publish({ delayMs: now - (this.waitingSince ?? now) });
    this.isTaken = false;
    this.waitingSince = this.newerSince;
    this.newerSince = undefined;
  }
}
