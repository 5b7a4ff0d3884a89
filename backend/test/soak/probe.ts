import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { ServerProcess } from '../faults/stage/server-process.js';
import type { ProcessState } from './probe.preload.js';

export interface Probed extends ProcessState {
  readonly descriptors: number;
  /** On the clock of `performance.now`, in milliseconds. */
  readonly at: number;
}

const POLL_MS = 20;
const DEADLINE_MS = 20_000;
/** How long a process may take to close connections that its clients have left. */
const SETTLE_MS = 45_000;
const LOOK_AGAIN_MS = 1_000;
const SAMPLES = 3;

/** Memory that a process has allocated; the resident size also depends on the system. */
export const heapOf = ({ heapBytes, externalBytes }: ProcessState): number => heapBytes + externalBytes;

/** Resources that must not pile up. */
export const HELD = ['descriptors', 'timers'] as const;
/** Tolerance for a maintenance task in progress, or a restarted thread. */
const TOLERANCE = 2;

/** The maximum at rest during the warm-up. */
export const mostOf = (samples: readonly Probed[], what: (typeof HELD)[number]): number =>
  Math.max(...samples.map((sample) => sample[what]));

/** Whether a process holds no more than before. */
export const isBack = (before: readonly Probed[], now: Probed, what: (typeof HELD)[number]): boolean =>
  now[what] <= mostOf(before, what) + TOLERANCE;

/** Measures servers: memory after a garbage collection, timers, descriptors. Linux only. */
export class Probe implements Disposable {
  private readonly folder = mkdtempSync(join(tmpdir(), 'lockstep-probe-'));

  /** The environment that a server needs to be measured. */
  get environment(): Record<string, string> {
    const preload = pathToFileURL(resolve('backend/test/soak/probe.preload.ts'));
    return { PROBE_FOLDER: this.folder, NODE_OPTIONS: `--import=${preload.href}` };
  }

  /** The number of open descriptors, also under load. */
  descriptorsOf = ({ pid }: ServerProcess): number => readdirSync(`/proc/${pid}/fd`).length;

  /** Measures the process without connections: waits for a while until it holds no more than at rest. */
  async atRest(server: ServerProcess, before: readonly Probed[]): Promise<Probed> {
    const deadline = performance.now() + SETTLE_MS;
    for (;;) {
      const sample = await this.sample(server);
      const isAtRest = HELD.every((what) => isBack(before, sample, what));
      if (isAtRest || performance.now() > deadline) return this.least(server, sample);
      await delay(LOOK_AGAIN_MS);
    }
  }

  /** The smallest of several samples: a maintenance task in progress is not growth. */
  private async least(server: ServerProcess, first: Probed): Promise<Probed> {
    let least = first;
    for (let again = 1; again < SAMPLES; again += 1) {
      await delay(LOOK_AGAIN_MS);
      const next = await this.sample(server);
      if (heapOf(next) < heapOf(least)) least = { ...next, descriptors: least.descriptors, timers: least.timers };
    }
    return least;
  }

  private async sample(server: ServerProcess): Promise<Probed> {
    const state = await this.ask(server);
    return { ...state, descriptors: this.descriptorsOf(server), at: performance.now() };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async ask(server: ServerProcess): Promise<ProcessState> {
    const report = join(this.folder, `${server.pid}.json`);
    rmSync(report, { force: true });
    server.signal('SIGUSR2');
    const deadline = performance.now() + DEADLINE_MS;
    while (!readdirSync(this.folder).includes(`${server.pid}.json`)) {
      if (performance.now() > deadline) throw new Error('The server did not say what it holds');
      await delay(POLL_MS);
    }
    return JSON.parse(readFileSync(report, 'utf8')) as ProcessState;
  }
}
