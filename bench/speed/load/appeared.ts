import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const DEADLINE_MS = 30_000;

/** Waits until another process has written a file. @throws Error after the time limit */
export async function appeared(path: string): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!existsSync(path)) {
    if (Date.now() > deadline) throw new Error(`${path} was not written`);
    await delay(20);
  }
}
