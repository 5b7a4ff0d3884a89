import { setTimeout as delay } from 'node:timers/promises';

/** Timers are no finer than this; several pieces at once keep up a faster rate. */
const LEAST_PAUSE_MS = 1;

/**
 * Hands out items at a steady rate on average, measured from the first one: a late timer is made up for.
 * Ends early, without an error, when `signal` is aborted.
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
