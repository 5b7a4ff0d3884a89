import { setTimeout as delay } from 'node:timers/promises';
import type { TestDatabase } from '../../backend/test/support/test-database.ts';
import { inTurns, runAnswers } from './load/answers.ts';
import type { Surroundings } from './parts/part.ts';
import { quantile } from './report/figures.ts';
import { LockstepSystem } from './systems/lockstep-system.ts';
import { warmUp } from './systems/start-system.ts';
import { MeasuredTab } from './systems/measured-tab.ts';
import type { Tab } from './systems/system.ts';

export interface SocketsOptions {
  readonly database: TestDatabase;
  /** Each belongs to a person and a conversation of its own. */
  readonly sockets: number;
}

/** CPU is the user and system time of all threads of the server. */
export interface SocketsResult {
  /** From the first connection until all are subscribed. */
  readonly openSeconds: number;
  readonly openCpuMs: number;
  readonly bytesPerSocket: number;
  /** The share of a core that open sockets take without any answer. */
  readonly idleCore: number;
  /** The same while 1 % of the sockets follow an answer of 20 tokens a second. */
  readonly activeCore: number;
  /** Milliseconds from the model to the tab. */
  readonly p50: number;
  readonly p99: number;
  readonly errors: number;
  /** The first problem, in words. */
  readonly problem: string | undefined;
}

const AT_ONCE = 32;
const SETTLE_MS = 5_000;
/** Presence is renewed every ten seconds. */
const IDLE_MS = 20_000;
const ACTIVE_SHARE = 0.01;
const ANSWER = { rate: 20, seconds: 8 };

/** Opens sockets, and measures them without an answer and with a few. */
export async function measureSockets(
  { children, modelPort }: Surroundings,
  { database, sockets }: SocketsOptions,
): Promise<SocketsResult> {
  await using system = await LockstepSystem.start(children, { database, modelPort, peopleCount: sockets });
  const { meter } = system;
  await warmUp(system);
  const active = Math.round(sockets * ACTIVE_SHARE);
  const rooms = await system.rooms(sockets - active);
  await delay(SETTLE_MS);
  const before = { at: performance.now(), cpu: meter.cpuMicros, bytes: meter.residentBytes };
  const listeners = rooms.map(() => new MeasuredTab(0));
  const tabs: Tab[] = [];
  const failures: Error[] = [];
  await inTurns(rooms, AT_ONCE, async (room, at) => {
    try {
      tabs.push(await system.openTab(room, listeners[at] ?? new MeasuredTab(0)));
    } catch (error) {
      failures.push(error as Error);
    }
  });
  const opened = { at: performance.now(), cpu: meter.cpuMicros };
  await delay(SETTLE_MS);
  const idle = { at: performance.now(), cpu: meter.cpuMicros, bytes: meter.residentBytes };
  await delay(IDLE_MS);
  const idleCore = (meter.cpuMicros - idle.cpu) / 1e3 / (performance.now() - idle.at);
  const answers = await runAnswers(system, { answers: active, ...ANSWER });
  for (const tab of tabs) tab.close();
  return {
    openSeconds: (opened.at - before.at) / 1e3,
    openCpuMs: (opened.cpu - before.cpu) / 1e3 / rooms.length,
    bytesPerSocket: (idle.bytes - before.bytes) / rooms.length,
    idleCore,
    activeCore: (answers.steadyCpuMicros * answers.steadyTokens) / 1e3 / answers.steadyMs,
    p50: quantile(answers.latencies, 0.5),
    p99: quantile(answers.latencies, 0.99),
    errors: failures.length + answers.errors + listeners.reduce((sum, { errors }) => sum + errors, 0),
    problem: failures[0]?.message ?? listeners.find(({ problem }) => problem)?.problem ?? answers.problem,
  };
}
