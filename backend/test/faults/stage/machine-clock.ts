import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Scene } from './scene.js';
import type { ServerProcess } from './server-process.js';
import { scaled } from '../../support/pace.js';

/** Makes the clocks of a stage's servers ones that can be set. */
export const SETTABLE_CLOCKS = {
  NODE_OPTIONS: `--import=${resolve('backend/test/faults/stage/preloads/clock.preload.ts')}`,
};

const DEADLINE_MS = scaled(5_000);

/** Servers whose clock is wrong. */
const moved = new WeakSet<ServerProcess>();

/** Sets the clock of one server so far ahead of the real time, or behind it. */
export async function setClock({ stage }: Scene, server: ServerProcess, aheadMs: number): Promise<void> {
  moved.add(server);
  const file = join(stage.dataDir, `clock-${server.pid}`);
  writeFileSync(file, String(aheadMs));
  server.signal('SIGUSR2');
  const deadline = performance.now() + DEADLINE_MS;
  while (existsSync(file)) {
    if (performance.now() > deadline) throw new Error('The clock was not set');
    await delay(5);
  }
}

/** Sees to it that the stage's server has the right time: another one takes its place where it has not. */
export async function rightTime({ stage }: Scene): Promise<ServerProcess> {
  if (moved.has(stage.server)) await stage.server.end();
  return stage.up();
}
