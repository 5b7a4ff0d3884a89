import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { CopyAnswer, CopyOrder } from './sqlite-backup.worker.js';

/** The worker has the same extension as this file: compiled, or TypeScript, which Node can run too. */
const PROGRAM = new URL(`./sqlite-backup.worker${extname(import.meta.url)}`, import.meta.url);

/**
 * Copies a SQLite database, makes the copy self-contained and checks it, in a thread of low priority.
 * @returns `ok`, or what is wrong with the copy
 * @throws what SQLite throws, as an error with its `code`; AbortError when `signal` aborts, which ends the thread
 */
export async function copyInThread(from: string, to: string, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const worker = new Worker(PROGRAM, { workerData: { from, to } satisfies CopyOrder });
  try {
    const [answer] = (await once(worker, 'message', { signal })) as [CopyAnswer];
    if ('found' in answer) return answer.found;
    throw Object.assign(new Error(answer.error.message), { code: answer.error.code });
  } finally {
    await worker.terminate();
  }
}
