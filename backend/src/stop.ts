import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';
import { within } from './common/within.js';
import type { RunningServer } from './server.js';

/** How long a stop may take beyond the replies; what is not done by then is not done. */
const STOP_WITHIN_MS = 4_500;
/** Then the process is killed. */
const KILLED_AFTER_MS = 4_900;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Stops the server and ends the process, within `drainMs` and five seconds, whatever does not answer: the database, the
 * model, a tab, or who reads what it prints.
 * @param code the process's exit code when everything has come to its end; 1 otherwise
 */
export async function stopAndExit(server: RunningServer, drainMs: number, code: 0 | 1): Promise<never> {
  killAfter(Math.min(drainMs + KILLED_AFTER_MS, LONGEST_TIMER_MS));
  try {
    const limitMs = Math.min(drainMs + STOP_WITHIN_MS, LONGEST_TIMER_MS);
    if (await within(limitMs, server.stop(drainMs))) process.exit(code);
    process.stderr.write(`The server did not come to its end within ${limitMs} ms; it ends as it is.\n`);
  } catch (error) {
    process.stderr.write(`${inspect(error)}\n`);
  }
  process.exit(1);
}

/**
 * A thread of its own goes on when this one does not: while it prints to a pipe that is full and not read, or waits for
 * a disk.
 */
function killAfter(ms: number): void {
  new Worker(`setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${ms})`, { eval: true }).unref();
}
