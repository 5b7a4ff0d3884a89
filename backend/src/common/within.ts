import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for `work`, but at most `ms` milliseconds. After that, `work` continues, and its errors are ignored.
 * @returns whether `work` has ended
 * @throws the error of `work`, if it fails in time
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
