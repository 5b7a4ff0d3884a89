import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for something, for so long at most. What it waits for goes on; that it fails later is its own matter.
 * @returns whether it came to its end
 * @throws what it fails with in time
 */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(ms, false, { signal: timer.signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    timer.abort();
  }
}
