const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** The pauses after the first failed attempts, in milliseconds; the last one repeats. */
const PAUSES_MS = [5 * SECOND_MS, 30 * SECOND_MS, 2 * MINUTE_MS, 10 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS];
const LONGEST_PAUSE_MS = 4 * HOUR_MS;

/** How long a delivery is tried. */
export const GIVE_UP_AFTER_MS = 24 * HOUR_MS;

/**
 * When to try again after the last of `failures` failed attempts, which ended at `now`; `null` to give up. The last
 * attempt is not before `giveUpAt`.
 */
export function nextAttemptAt(failures: number, now: number, giveUpAt: number): number | null {
  if (now >= giveUpAt) return null;
  return Math.min(now + (PAUSES_MS[failures - 1] ?? LONGEST_PAUSE_MS), giveUpAt);
}
