import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerProcess } from '../../backend/test/faults/stage/server-process.ts';
import { createTestDatabase } from '../../backend/test/support/test-database.ts';
import { planText } from './load/answer-plan.ts';
import { quantile } from './report/figures.ts';
import { LockstepSystem } from './systems/lockstep-system.ts';
import { MeasuredTab } from './systems/measured-tab.ts';
import { POSTGRES } from './parts/other-process.part.ts';
import type { Surroundings } from './parts/part.ts';
import type { Room, Tab } from './systems/system.ts';

export type Bus = 'notify' | 'redis' | 'off';

export interface ProcessesOptions {
  readonly bus: Bus;
  readonly processes: number;
  /** Simultaneous answers. Default: ten. */
  readonly answers?: number;
  /** How many additional clients listen to the bus, to simulate more processes. */
  readonly simulated: number;
}

export interface ProcessesResult {
  /** Milliseconds from the model to the tab on the writing process, per token. */
  readonly near50: number;
  readonly near99: number;
  /** Milliseconds from the tab on the writing process to a tab on another one, per token. */
  readonly p50: number;
  readonly p99: number;
  /** CPU time of all processes, per token and tab, including sends. */
  readonly cpuMicros: number;
  readonly errors: number;
}

const REDIS = process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379';
const ANSWERS = 10;
const RATE = 20;
const SECONDS = 10;
/** The first second is not measured. */
const TOKENS_LEFT_OUT = RATE;
const PATIENCE_MS = 15_000;

const envOf = (bus: Bus): Record<string, string> => ({
  LISTEN_NOTIFY: bus === 'notify' ? 'on' : 'off',
  ...(bus === 'redis' && { REDIS_URL: REDIS }),
});

/** When each token of one answer arrived at one tab, in microseconds; tokens out of order are errors. */
class Arrivals {
  readonly at: number[] = [];
  /** Milliseconds from the model. */
  readonly latencies: number[] = [];

  add(sentAt: number, arrivedAt: number): void {
    this.at.push(arrivedAt);
    this.latencies.push((arrivedAt - sentAt) / 1e3);
  }
}

/** A tab on the process that writes an answer, and one on each other process. */
interface Watched {
  readonly tabs: readonly Tab[];
  readonly listeners: readonly MeasuredTab[];
  readonly near: Arrivals;
  readonly far: readonly Arrivals[];
}

/** @throws Error when a service does not answer, or has too few connections */
export async function measureProcesses(
  { children, modelPort }: Surroundings,
  { bus, processes, simulated, answers = ANSWERS }: ProcessesOptions,
): Promise<ProcessesResult> {
  const database = await createTestDatabase(POSTGRES);
  await using system = await LockstepSystem.start(children, { database, modelPort, processes, env: envOf(bus) });
  await answer(system, processes, await system.rooms(answers), 2 * RATE);
  const rooms = await system.rooms(answers);
  let listening: ServerProcess | undefined;
  const opened = async (): Promise<void> => {
    if (simulated === 0) return;
    listening = await children.start(resolve('bench/speed/systems/bare-listeners.ts'), '.', {
      LISTENERS: String(simulated),
      ROOMS: rooms.map(({ id }) => id).join(','),
      ...(bus === 'redis' ? { REDIS_URL: REDIS } : { DATABASE_URL: database.url }),
    });
  };
  const { watched, cpuMicros } = await answer(system, processes, rooms, SECONDS * RATE, opened);
  await listening?.end();
  const later = watched.flatMap(({ near, far }) =>
    far.flatMap(({ at }) =>
      at.slice(TOKENS_LEFT_OUT).map((moment, n) => laterBy(moment, near.at[n + TOKENS_LEFT_OUT])),
    ),
  );
  const own = watched.flatMap(({ near }) => near.latencies.slice(TOKENS_LEFT_OUT));
  return {
    near50: quantile(own, 0.5),
    near99: quantile(own, 0.99),
    p50: quantile(later, 0.5),
    p99: quantile(later, 0.99),
    cpuMicros: cpuMicros / watched.reduce((sum, { near, far }) => sum + near.at.length * (far.length + 1), 0),
    errors: watched.flatMap(({ listeners }) => listeners).reduce((sum, { errors }) => sum + errors, 0),
  };
}

/**
 * Each process gets answers in turn; they start within a second.
 * @param opened called when all tabs are open
 */
async function answer(
  system: LockstepSystem,
  processes: number,
  rooms: readonly Room[],
  tokens: number,
  opened: () => Promise<void> = () => Promise.resolve(),
): Promise<{ readonly watched: readonly Watched[]; readonly cpuMicros: number }> {
  const watched = await Promise.all(rooms.map((room, at) => watch(system, room, at % processes, processes, tokens)));
  // The bus gets the subscriptions after the tabs do.
  await delay(500);
  await opened();
  const began = system.meter.cpuMicros;
  const question = planText({ tokens, rate: RATE, waitMs: 0 });
  for (const { tabs } of watched) {
    await tabs[0]?.send(question);
    await delay(1_000 / rooms.length);
  }
  const over = Promise.all(watched.flatMap(({ listeners }) => listeners.map((listener) => listener.over)));
  await Promise.race([over, delay((tokens / RATE) * 1_000 + PATIENCE_MS, undefined, { ref: false })]);
  const cpuMicros = system.meter.cpuMicros - began;
  for (const { tabs } of watched) for (const tab of tabs) tab.close();
  return { watched, cpuMicros };
}

async function watch(
  system: LockstepSystem,
  room: Room,
  own: number,
  processes: number,
  tokens: number,
): Promise<Watched> {
  const others = Array.from({ length: processes - 1 }, (_, n) => (own + 1 + n) % processes);
  const near = new Arrivals();
  const far = others.map(() => new Arrivals());
  const listeners = [near, ...far].map((arrivals) => new MeasuredTab(tokens, arrivals));
  const tabs: Tab[] = [];
  for (const [at, listener] of listeners.entries()) {
    tabs.push(await system.openTab(room, listener, [own, ...others][at] ?? own));
  }
  return { tabs, listeners, near, far };
}

/** A token that arrived only at the other tab counts as an error. */
const laterBy = (far: number, near = far): number => Math.max(0, far - near) / 1e3;
