import { parentPort, workerData } from 'node:worker_threads';
import { setTimeout as delay } from 'node:timers/promises';

/** What a thread that sends requests is told. */
export interface SearcherOptions {
  readonly url: string;
  readonly token: string;
  /**
   * How long this thread computes after each answer, in milliseconds: with the address of something that costs the server
   * nothing, it takes from the machine what a search takes, and from the server's event loop almost nothing.
   */
  readonly busyMs: number;
}

/*
 * Asks without pause until the main thread sends anything, then sends the milliseconds of each request. A thread of its
 * own, because reading fifty results takes long enough to hold up the tabs of this process.
 */
const { url, token, busyMs } = workerData as SearcherOptions;
const times: number[] = [];
let isOver = false;
parentPort?.once('message', () => (isOver = true));
while (!isOver) {
  const began = performance.now();
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  const { items } = (await response.json()) as { items?: readonly unknown[] };
  if (!response.ok || items?.length === 0) throw new Error(`${url} found nothing: ${response.status}`);
  times.push(performance.now() - began);
  for (const end = performance.now() + busyMs; performance.now() < end;);
  // A client has its own work between two requests.
  await delay(1);
}
parentPort?.postMessage(times, []);
