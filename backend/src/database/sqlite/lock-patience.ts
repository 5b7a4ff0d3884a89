import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { classifyDatabaseError } from '../database-error.js';

/** Longer than for a running server, because no user is waiting for an answer yet. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 200;
/** The time after which the wait is reported. */
const SAID_AFTER_MS = 2_000;

/**
 * Opens or changes the database at the start, with retries while another program has locked it: backup software may
 * lock a SQLite file for seconds.
 * @param work must leave nothing behind when it fails
 * @param say called once with a message when it takes long
 * @throws the last error of `work`, after a minute of locks; other errors at once
 */
export async function whileLocked<T>(work: () => Promise<T>, say: (sentence: string) => void): Promise<T> {
  const startedAt = performance.now();
  let isSaid = false;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const waitedMs = performance.now() - startedAt;
      if (classifyDatabaseError(error) !== 'conflict' || waitedMs > PATIENCE_MS) throw error;
      if (waitedMs > SAID_AFTER_MS && !isSaid) {
        isSaid = true;
        say('Another program has locked the database. Lockstep waits for it, for a minute at most.');
      }
    }
    await delay(PAUSE_MS);
  }
}
