import { setTimeout as delay } from 'node:timers/promises';
import { planText } from '../../speed/load/answer-plan.ts';
import { inTurns } from '../../speed/load/answers.ts';
import { AskingTab } from '../../speed/load/asking-tab.ts';
import { quantile } from '../../speed/report/figures.ts';
import { cpuBetween, cpuOf } from '../../speed/report/process-meter.ts';
import type { LockstepSystem } from '../../speed/systems/lockstep-system.ts';
import { MeasuredTab, Recorder } from '../../speed/systems/measured-tab.ts';
import { type LoopUse, OwnLoop, useBetween } from './loop-use.ts';
import { answerMs, sendTimes, warmUpTime, type Workload } from '../workload.ts';

/** The servers have to run with it: their metrics are read. */
export const METRICS_TOKEN = 'a token that only measurements use';

const OPEN_AT_ONCE = 25;
/** Conversations beyond the average number of answers at once, in standard deviations of their number. */
const SPARE = 6;
/** How long the end of the last answer may be late. */
const PATIENCE_MS = 20_000;

export interface RunOptions {
  readonly workload: Workload;
  readonly durationMs: number;
  readonly seed: number;
}

/** What one process did in the measured time. */
export interface MeasuredRun {
  /** Milliseconds from the model to a tab. */
  readonly p50: number;
  readonly p99: number;
  readonly seconds: number;
  readonly sends: number;
  readonly tokens: number;
  readonly commits: number;
  /** The sum of their durations, in milliseconds. */
  readonly commitMs: number;
  /** The event loop of the server, and that of this process with all tabs. */
  readonly loop: LoopUse;
  readonly tabs: LoopUse;
  /** Frames that the tabs have received. */
  readonly frames: number;
  /** CPU time in microseconds: of the process, and of PostgreSQL. */
  readonly cpuMicros: number;
  readonly databaseMicros: number;
  /** Lost or wrong tokens, and failed sends. */
  readonly errors: number;
}

/** A moment of a run. */
interface Reading {
  readonly at: number;
  readonly loop: LoopUse;
  readonly tabs: LoopUse;
  readonly cpu: number;
  readonly database: ReadonlyMap<number, number>;
  readonly commits: number;
  readonly commitMs: number;
  readonly sends: number;
  readonly delivered: number;
}

/** A conversation with its tabs. */
type Room = readonly AskingTab[];

/** Asks at random moments, as in the simulation, and measures the steady part. */
export async function runWorkload(
  system: LockstepSystem,
  { workload, durationMs, seed }: RunOptions,
): Promise<MeasuredRun> {
  const warmMs = warmUpTime(workload);
  const free = await openRooms(system, workload);
  const all = [...free];
  using tabsLoop = new OwnLoop();
  const recorder = new Recorder();
  const listeners: MeasuredTab[] = [];
  const question = planText({ tokens: workload.tokens, rate: workload.rate, waitMs: 0 });
  let sends = 0;
  const ask = async (): Promise<void> => {
    const room = free.shift();
    if (!room) throw new Error('There are more answers at once than conversations');
    const own = room.map(() => new MeasuredTab(workload.tokens, recorder));
    listeners.push(...own);
    for (const [at, listener] of own.entries()) room[at]?.listen(listener);
    sends += 1;
    await room[0]?.send(question).catch((error: unknown) => own[0]?.failed(error as Error));
    await Promise.all(own.map((listener) => listener.over));
    free.push(room);
  };
  const read = async (): Promise<Reading> => ({
    ...(await readMetrics(system)),
    at: performance.now(),
    tabs: tabsLoop.read(),
    cpu: system.meter.cpuMicros,
    database: cpuOf('postgres'),
    sends,
    delivered: recorder.delivered,
  });

  const began = performance.now();
  const asked = sendTimes(workload, warmMs + durationMs, seed).map(async (at) => {
    await delay(at - (performance.now() - began));
    await ask();
  });
  await delay(warmMs - (performance.now() - began));
  const before = await read();
  recorder.open();
  await delay(warmMs + durationMs - (performance.now() - began));
  recorder.close();
  const after = await read();
  await Promise.race([Promise.all(asked), delay(answerMs(workload) + PATIENCE_MS, undefined, { ref: false })]);
  for (const tab of all.flat()) tab[Symbol.dispose]();
  return {
    p50: quantile(recorder.latencies, 0.5),
    p99: quantile(recorder.latencies, 0.99),
    seconds: (after.at - before.at) / 1e3,
    sends: after.sends - before.sends,
    tokens: (after.delivered - before.delivered) / workload.tabs,
    commits: after.commits - before.commits,
    commitMs: after.commitMs - before.commitMs,
    loop: useBetween(before.loop, after.loop),
    tabs: useBetween(before.tabs, after.tabs),
    frames: after.delivered - before.delivered,
    cpuMicros: after.cpu - before.cpu,
    databaseMicros: cpuBetween(before.database, after.database),
    errors: listeners.reduce((sum, { errors }) => sum + errors, 0),
  };
}

async function openRooms(system: LockstepSystem, workload: Workload): Promise<Room[]> {
  const average = (workload.sendsPerSecond * answerMs(workload)) / 1_000;
  const rooms = await system.rooms(Math.ceil(average + SPARE * Math.sqrt(average) + SPARE));
  const opened: AskingTab[][] = rooms.map(() => []);
  await inTurns(rooms, OPEN_AT_ONCE, async (room, at) => {
    for (let tab = 0; tab < workload.tabs; tab += 1) opened[at]?.push(await AskingTab.open(system, room));
  });
  return opened;
}

/** What the first process has counted since its start. */
async function readMetrics({ url, meter }: LockstepSystem): Promise<Pick<Reading, 'commits' | 'commitMs' | 'loop'>> {
  const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
  const lines = (await answer.text()).split('\n');
  if (!answer.ok) throw new Error(`${url}/metrics answers ${answer.status}`);
  const valueOf = (name: string): number => {
    const line = lines.find((some) => some.startsWith(`${name} `));
    return Number(line?.slice(name.length) ?? 0);
  };
  const gc = (part: string, kind: string): number => valueOf(`nodejs_gc_duration_seconds_${part}{kind="${kind}"}`);
  return {
    commits: valueOf('lockstep_commit_duration_seconds_count'),
    commitMs: valueOf('lockstep_commit_duration_seconds_sum') * 1_000,
    loop: {
      workMicros: meter.loopMicros,
      waitMicros: meter.loopWaitMicros,
      minor: gc('count', 'minor'),
      minorMs: gc('sum', 'minor') * 1_000,
      major: gc('count', 'major'),
      majorMs: gc('sum', 'major') * 1_000,
    },
  };
}
