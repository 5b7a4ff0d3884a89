import { setTimeout as delay } from 'node:timers/promises';
import { createTestDatabase } from '../../../backend/test/support/test-database.ts';
import { POSTGRES } from '../../speed/parts/other-process.part.ts';
import type { Surroundings } from '../../speed/parts/part.ts';
import { median } from '../../speed/report/figures.ts';
import { LockstepSystem } from '../../speed/systems/lockstep-system.ts';
import { warmUp } from '../../speed/systems/start-system.ts';
import type { Check, Costs, DatabaseName, LoopCosts, TabsCosts } from '../costs.ts';
import { fitCosts } from './least-squares.ts';
import type { LoopUse } from './loop-use.ts';
import { type MeasuredRun, METRICS_TOKEN, runWorkload } from './measured-run.ts';
import { simulateRun } from '../process/simulation.ts';
import { answerMs, CHECK_SEEDS, CHECKED_ANSWER, MEASURED_MS, type Workload, workloadOf } from '../workload.ts';

/** What idle sockets cost, from `measureSockets`. */
export type SocketCosts = Pick<Costs, 'socketMicros' | 'socketBytes'>;

/** Workloads that differ in their shares of sends, tokens, commits and writes. */
const CALIBRATION: readonly Workload[] = [
  workloadOf(60, CHECKED_ANSWER),
  workloadOf(200, CHECKED_ANSWER),
  workloadOf(350, CHECKED_ANSWER),
  workloadOf(100, { ...CHECKED_ANSWER, tokens: 20 }),
  workloadOf(5, { ...CHECKED_ANSWER, tabs: 50 }),
];
/** Numbers of answers at once at which predictions are compared with runs; none of them is in the calibration. */
const CHECKED = [100, 150, 250];
const REST_MS = 5_000;

async function startServer({ children, modelPort }: Surroundings, name: DatabaseName): Promise<LockstepSystem> {
  const database = await createTestDatabase(name === 'sqlite' ? null : POSTGRES);
  const system = await LockstepSystem.start(children, { database, modelPort, env: { METRICS_TOKEN } });
  await warmUp(system);
  return system;
}

/** Measures a server under several workloads, and derives what each kind of work costs. */
export async function measureCosts(
  surroundings: Surroundings,
  name: DatabaseName,
  sockets: SocketCosts,
): Promise<Costs> {
  await using system = await startServer(surroundings, name);
  const restMicros = await restOf(system);
  const runs: MeasuredRun[] = [];
  for (const workload of CALIBRATION) {
    const run = await runWorkload(system, { workload, durationMs: MEASURED_MS, seed: 1 });
    runs.push(run);
    console.warn(describeRun(name, workload, run));
  }
  const tabs = CALIBRATION.map((workload) => workload.tabs);
  const [sendMicros = 0, tokenMicros = 0, commitMicros = 0, writeMicros = 0] = fitCosts(
    runs.map(({ sends, tokens, commits, loop, seconds }, at) => ({
      counts: [sends, tokens, commits, tokens * ((tabs[at] ?? 1) - 1)],
      sum: withoutPauses(loop) - restMicros * seconds,
    })),
  );
  const [databaseSendMicros = 0, databaseCommitMicros = 0] =
    name === 'sqlite'
      ? []
      : fitCosts(runs.map(({ sends, commits, databaseMicros }) => ({ counts: [sends, commits], sum: databaseMicros })));
  const onLoop = {
    sendMicros,
    tokenMicros,
    commitMicros,
    writeMicros,
    restMicros,
    ...loopCostsOf(runs.map(({ loop }) => loop)),
    ...sockets,
  };
  const atDatabase = { databaseSendMicros, databaseCommitMicros };
  const [commitWaitMs = 0, tokenWaitMs = 0] =
    name === 'sqlite'
      ? []
      : fitCosts(runs.map((run) => ({ counts: [run.commits, run.tokens], sum: waitedMs(run, onLoop) })));
  const costs: Costs = { ...onLoop, ...atDatabase, commitWaitMs, tokenWaitMs, transportMs: 0, tabs: tabsCostsOf(runs) };
  const latencies = CALIBRATION.slice(0, 3).map((workload, at) => ({
    measured: runs[at]?.p50 ?? 0,
    simulated: simulateRun(costs, workload, 1).p50,
  }));
  return { ...costs, transportMs: transportOf(latencies) };
}

/** What a simulation does not explain of the p50: the constant with the least squares of relative errors. */
function transportOf(latencies: readonly { readonly measured: number; readonly simulated: number }[]): number {
  let [weights, sum] = [0, 0];
  for (const { measured, simulated } of latencies) {
    const weight = 1 / measured ** 2;
    weights += weight;
    sum += weight * (measured - simulated);
  }
  return Math.max(0, sum / weights);
}

/** Measures a new server under other workloads, to compare predictions with. */
export async function measureChecks(surroundings: Surroundings, database: DatabaseName): Promise<readonly Check[]> {
  await using system = await startServer(surroundings, database);
  const checks: Check[] = [];
  for (const answers of CHECKED) {
    const workload = workloadOf(answers, CHECKED_ANSWER);
    const runs: MeasuredRun[] = [];
    for (const seed of CHECK_SEEDS) {
      const run = await runWorkload(system, { workload, durationMs: MEASURED_MS, seed });
      runs.push(run);
      console.warn(describeRun(database, workload, run));
      if (run.errors > 0) throw new Error(`${run.errors} tokens or sends were wrong`);
    }
    const medianOf = (one: (run: MeasuredRun) => number): number => median(runs.map(one));
    checks.push({
      database,
      answers,
      measured: {
        p50: medianOf(({ p50 }) => p50),
        p99: medianOf(({ p99 }) => p99),
        CPU: medianOf(({ loop, seconds }) => loop.workMicros / 1e6 / seconds),
      },
    });
  }
  return checks;
}

async function restOf({ meter }: LockstepSystem): Promise<number> {
  await delay(REST_MS);
  const before = meter.loopMicros;
  await delay(REST_MS);
  return (meter.loopMicros - before) / (REST_MS / 1_000);
}

const withoutPauses = ({ workMicros, minorMs, majorMs }: LoopUse): number => workMicros - (minorMs + majorMs) * 1e3;

function loopCostsOf(uses: readonly LoopUse[]): LoopCosts {
  const sumOf = (one: (use: LoopUse) => number): number => uses.reduce((sum, use) => sum + one(use), 0);
  const workMs = sumOf(withoutPauses) / 1e3;
  // Without a pause, its cost is 0.
  const minor = sumOf((use) => use.minor) || 1;
  const major = sumOf((use) => use.major) || 1;
  return {
    stretch: 1 + sumOf((use) => use.waitMicros) / sumOf((use) => use.workMicros),
    minorPauseMs: sumOf((use) => use.minorMs) / minor,
    minorPauseEveryMs: workMs / minor,
    majorPauseMs: sumOf((use) => use.majorMs) / major,
    majorPauseEveryMs: workMs / major,
  };
}

function tabsCostsOf(runs: readonly MeasuredRun[]): TabsCosts {
  const [wakeMicros = 0, frameMicros = 0] = fitCosts(
    runs.map(({ commits, frames, tabs }) => ({ counts: [commits, frames], sum: withoutPauses(tabs) })),
  );
  return { wakeMicros, frameMicros, ...loopCostsOf(runs.map(({ tabs }) => tabs)) };
}

/** Milliseconds of all commits of a run in which the event loop did not work for them. */
function waitedMs(
  { commitMs, commits, tokens }: MeasuredRun,
  { commitMicros, tokenMicros, stretch }: Pick<Costs, 'commitMicros' | 'tokenMicros' | 'stretch'>,
): number {
  const workedMs = (commits * commitMicros + (tokens * tokenMicros) / 2) / 1e3;
  return Math.max(1, commitMs - workedMs * stretch);
}

function describeRun(name: DatabaseName, workload: Workload, run: MeasuredRun): string {
  const answers = Math.round((workload.sendsPerSecond * answerMs(workload)) / 1_000);
  const cpu = (run.loop.workMicros / 1e4 / run.seconds).toFixed(1);
  return `${name}, ${answers} answers with ${workload.tabs} tabs: p50 ${run.p50.toFixed(2)} ms, p99 ${run.p99.toFixed(2)} ms, event loop ${cpu} %, ${Math.round(run.commits / run.seconds)} commits/s, ${run.errors} errors`;
}
