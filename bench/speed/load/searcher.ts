import { parentPort, workerData } from 'node:worker_threads';
import { setTimeout as delay } from 'node:timers/promises';

/** The options of a thread that sends requests. */
export interface SearcherOptions {
  readonly url: string;
  readonly token: string;
  /**
   * How long this thread computes after each answer, in milliseconds. With a URL that costs the server nothing, it
   * takes as much CPU time from the machine as a search, but almost none from the server's event loop.
   */
  readonly busyMs: number;
}

/*
 * Sends requests without pause until the main thread sends a message, then returns the milliseconds of each request. A
 * thread of its own, because reading fifty results would delay the tabs of this process.
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
  // A client does other work between two requests.
  await delay(1);
}
parentPort?.postMessage(times, []);
