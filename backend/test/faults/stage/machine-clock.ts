import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Scene } from './scene.js';
import type { ServerProcess } from './server-process.js';
import { scaled } from '../../../testing/pace.js';

/** Environment that makes the clocks of a stage's servers settable. */
export const SETTABLE_CLOCKS = {
  NODE_OPTIONS: `--import=${resolve('backend/test/faults/stage/preloads/clock.preload.ts')}`,
};

const DEADLINE_MS = scaled(5_000);

/** Servers with a wrong clock. */
const moved = new WeakSet<ServerProcess>();

/** Sets the clock of one server ahead of the real time, or behind it. */
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

/** Replaces the stage's server if its clock is wrong. */
export async function rightTime({ stage }: Scene): Promise<ServerProcess> {
  if (moved.has(stage.server)) await stage.server.end();
  return stage.up();
}
