import { setImmediate } from 'node:timers/promises';

const SLICE_MS = 2;

/** Runs a computation that yields where it may be interrupted; the event loop gets a turn every two milliseconds. */
export async function inSlices<T>(work: Generator<undefined, T>): Promise<T> {
  let since = performance.now();
  let step = work.next();
  while (!step.done) {
    if (performance.now() - since > SLICE_MS) {
      await setImmediate();
      since = performance.now();
    }
    step = work.next();
  }
  return step.value;
}
