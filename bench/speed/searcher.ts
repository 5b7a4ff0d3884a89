import { parentPort, workerData } from 'node:worker_threads';
import { setTimeout as delay } from 'node:timers/promises';

/** What a thread that searches is told. */
export interface SearcherOptions {
  readonly url: string;
  readonly token: string;
}

/*
 * Searches without pause until the main thread sends anything, then sends the milliseconds of each search. A thread of its
 * own, because reading fifty results takes long enough to hold up the tabs of this process.
 */
const { url, token } = workerData as SearcherOptions;
const times: number[] = [];
let isOver = false;
parentPort?.once('message', () => (isOver = true));
while (!isOver) {
  const began = performance.now();
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  const { items = [] } = (await response.json()) as { items?: readonly unknown[] };
  if (items.length === 0) throw new Error(`${url} found nothing: ${response.status}`);
  times.push(performance.now() - began);
  // A client has its own work between two requests.
  await delay(1);
}
parentPort?.postMessage(times, []);
