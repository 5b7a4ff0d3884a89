import { setTimeout as delay } from 'node:timers/promises';

/** Timers are no finer than this; faster rates send several pieces at once. */
const LEAST_PAUSE_MS = 1;

/**
 * Yields items at a steady average rate, measured from the first one, so that late timers are compensated. Ends early,
 * without an error, when `signal` is aborted.
 */
export async function* paced<Item>(
  items: Iterable<Item>,
  perSecond: number,
  signal: AbortSignal,
): AsyncGenerator<Item> {
  const start = performance.now();
  let count = 0;
  for (const item of items) {
    const dueMs = start + (count * 1000) / perSecond - performance.now();
    if (dueMs >= LEAST_PAUSE_MS) await pause(dueMs, signal);
    if (signal.aborted) return;
    yield item;
    count += 1;
  }
}

/** Waits until the time is over or `signal` is aborted, whichever comes first. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
