import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { classifyDatabaseError } from '../database-error.js';

/** Longer than a server waits that runs: nobody is kept waiting meanwhile who could be told. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 200;
/** A lock that lasts is worth a line. */
const SAID_AFTER_MS = 2_000;

/**
 * Opens or changes the database at the start, again and again while another program has it locked: a backup of somebody
 * else's may hold a SQLite file for seconds.
 * @param work leaves nothing behind when it fails
 * @param say is told once, when it takes long
 * @throws what `work` throws last, after a minute of locks
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
