import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parentPort, Worker, workerData } from 'node:worker_threads';

/** The duration of the work below on a quiet machine: a server of 2024 with two cores. */
const QUIET_MS = 100;
const SLOWEST = 20;
const MEASURE = 'measure the pace';

/**
 * How many times slower this machine is than a quiet one, at least 1: the deadlines of tests are multiplied by it.
 * The runner's configuration measures it once per test run and passes it to the workers as `TEST_PACE`.
 */
const PACE = Math.max(1, Number(process.env['TEST_PACE']) || 1);

/** Scales a deadline for a quiet machine, in milliseconds, to this machine. */
export const scaled = (ms: number): number => Math.round(ms * PACE);

/** Sets `TEST_PACE` unless it is set, and returns it. Takes about a quarter of a second on a quiet machine. */
export async function setPace(): Promise<number> {
  const known = Number(process.env['TEST_PACE']);
  if (known >= 1) return known;
  // Two at once: one would not notice that the second core is busy.
  const times = await Promise.all([measureAside(), measureAside()]);
  const pace = Math.min(SLOWEST, Math.max(1, Math.max(...times) / QUIET_MS));
  process.env['TEST_PACE'] = pace.toFixed(1);
  if (pace >= 1.5)
    console.log(
      `This machine is ${pace.toFixed(1)} times slower than a quiet one; deadlines are longer by the same factor.`,
    );
  return pace;
}

function measureAside(): Promise<number> {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: MEASURE });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

function work(): number {
  const before = performance.now();
  let text = '';
  for (let round = 0; round < 6_000; round += 1) {
    const list = Array.from({ length: 20 }, (_, index) => ({ index, text: `${index}:${round}` }));
    const copy: unknown = JSON.parse(JSON.stringify({ round, text, list }));
    text = createHash('sha256').update(JSON.stringify(copy)).digest('hex');
  }
  return performance.now() - before;
}

if (workerData === MEASURE) {
  // The first pass compiles the work.
  work();
  const ms = work();
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of Node's, not a window's
  parentPort?.postMessage(ms);
}
