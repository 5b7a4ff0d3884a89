import { getPriority, setPriority } from 'node:os';
import { extname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

/* The thread of a scheduled backup: neither the copy nor the check may delay a token. */

export interface CopyOrder {
  readonly from: string;
  readonly to: string;
}

/** The result of the check, or why there is none. */
export type CopyAnswer =
  { readonly found: string } | { readonly error: { readonly message: string; readonly code: string | undefined } };

const [NICER, NICEST] = [10, 19];
if (!parentPort) throw new Error('This file is the thread of a backup');
// Only Linux has priorities of threads: elsewhere this would change the priority of the whole process.
if (process.platform === 'linux') setPriority(0, Math.min(getPriority(0) + NICER, NICEST));
const { from, to } = workerData as CopyOrder;
// With the extension of this file: compiled, or TypeScript, which Node can run too.
const path = new URL(`../backup/sqlite-copy${extname(import.meta.url)}`, import.meta.url).href;
const { copySqlite, sealCopy } = (await import(path)) as typeof import('../backup/sqlite-copy.js');
let answer: CopyAnswer;
try {
  await copySqlite(from, to);
  answer = { found: sealCopy(to) };
} catch (error) {
  const { message, code } = error as { readonly message: string; readonly code?: string };
  answer = { error: { message, code } };
}
parentPort.postMessage(answer, []);
