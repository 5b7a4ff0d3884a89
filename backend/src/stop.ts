import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';
import { within } from './common/within.js';
import type { RunningServer } from './server.js';

/** How long a stop may take in addition to `drainMs`; then the process exits. */
const STOP_WITHIN_MS = 4_500;
/** When the process is killed, if even that fails. */
const KILLED_AFTER_MS = 4_900;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Stops the server and ends the process within `drainMs` plus five seconds, even if the database, the model, a client
 * or the reader of standard output does not respond.
 * @param code the exit code after a complete stop; otherwise it is 1
 */
export async function stopAndExit(server: RunningServer, drainMs: number, code: 0 | 1): Promise<never> {
  killAfter(Math.min(drainMs + KILLED_AFTER_MS, LONGEST_TIMER_MS));
  try {
    const limitMs = Math.min(drainMs + STOP_WITHIN_MS, LONGEST_TIMER_MS);
    if (await within(limitMs, server.stop(drainMs))) process.exit(code);
    process.stderr.write(`The server could not stop completely within ${limitMs} ms, and exits now.\n`);
  } catch (error) {
    process.stderr.write(`${inspect(error)}\n`);
  }
  process.exit(1);
}

/**
 * Kills the process from a thread, which still runs when the main thread is blocked by a full pipe or a slow disk.
 */
function killAfter(ms: number): void {
  new Worker(`setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${ms})`, { eval: true }).unref();
}
