import { type Assumptions, type Demand, demandOf } from './assumptions.ts';
import type { Costs } from './costs.ts';
import { COMMITTER } from './process/committer.ts';
import { type Simulated, Simulation } from './process/simulation.ts';

/** What a number of people needs, with PostgreSQL. */
export interface Deployment {
  readonly people: number;
  readonly demand: Demand;
  /** At least two, so that one may end. */
  readonly processes: number;
  readonly machines: number;
  /** The cores that the database works with, and those that it should have. */
  readonly databaseBusy: number;
  readonly databaseCores: number;
  /** Commits of tokens and of sends, at the database. */
  readonly commitsPerSecond: number;
  readonly connections: number;
  /** A message for each reply and commit. */
  readonly redisMessagesPerSecond: number;
  readonly gigabytesPerYear: number;
  /** A month, in dollars: application machines and database; and the model's provider. */
  readonly machineDollars: number;
  readonly modelDollars: number;
}

/** Each send commits when it starts and when it ends. */
const COMMITS_PER_SEND = 2;
/** docs/operating.md: pools of a process. */
const CONNECTIONS_PER_PROCESS = 12;
const WORKING_DAYS_PER_YEAR = 250;
const [SIMULATED_MS, SEED] = [20_000, 1];

/** The busiest hour of a process that serves this many people, and has a core for itself. */
export function simulatePeople(people: number, costs: Costs, assumptions: Assumptions): Simulated {
  const { sockets, sendsPerSecond } = demandOf(people, assumptions);
  const { tokensPerAnswer: tokens, tokensPerSecond: rate } = assumptions;
  return Simulation.run({
    costs: { ...costs, stretch: 1 },
    workload: { sendsPerSecond, tokens, rate, tabs: 1, tickMs: 0 },
    sockets,
    warmUpMs: (1.5 * tokens * 1_000) / rate,
    durationMs: SIMULATED_MS,
    seed: SEED,
  });
}

/** The smallest number of processes that are not busier than they should be. */
export function planFor(people: number, costs: Costs, assumptions: Assumptions): Deployment {
  const demand = demandOf(people, assumptions);
  const { busyTarget, coresPerMachine } = assumptions;
  let processes = Math.max(2, Math.ceil(demand.sockets / assumptions.socketsPerProcess));
  // The sum of the costs is a lower bound; a commit costs more for each token if there are fewer of them.
  const least =
    (demand.tokensPerSecond * costs.tokenMicros + demand.sendsPerSecond * costs.sendMicros) / 1e6 / busyTarget;
  processes = Math.max(processes, Math.floor(least));
  while (simulatePeople(people / processes, costs, assumptions).busy > busyTarget) processes += 1;
  const one = simulatePeople(people / processes, costs, assumptions);
  const tokenCommits = one.commitsPerSecond * processes;
  const databaseBusy =
    (tokenCommits * costs.databaseCommitMicros + demand.sendsPerSecond * costs.databaseSendMicros) / 1e6;
  const databaseCores = Math.max(2, Math.ceil(databaseBusy / busyTarget));
  // One more than needed, so that a machine may fail.
  const machines = Math.max(2, Math.ceil(processes / (coresPerMachine - 1)) + 1);
  const gigabytesPerYear =
    (people * assumptions.questionsPerDay * WORKING_DAYS_PER_YEAR * assumptions.gigabytesPerMillionAnswers) / 1e6;
  const questionsPerMonth = (people * assumptions.questionsPerDay * WORKING_DAYS_PER_YEAR) / 12;
  return {
    people,
    demand,
    processes,
    machines,
    databaseBusy,
    databaseCores,
    commitsPerSecond: tokenCommits + COMMITS_PER_SEND * demand.sendsPerSecond,
    connections: processes * CONNECTIONS_PER_PROCESS,
    redisMessagesPerSecond: redisMessages(demand),
    gigabytesPerYear,
    machineDollars:
      (machines * coresPerMachine + databaseCores) * assumptions.dollarsPerCore +
      gigabytesPerYear * assumptions.dollarsPerGigabyte,
    modelDollars:
      (questionsPerMonth *
        (assumptions.promptTokens * assumptions.dollarsPerMillionPromptTokens +
          assumptions.tokensPerAnswer * assumptions.dollarsPerMillionAnswerTokens)) /
      1e6,
  };
}

/** A reply has no more deltas than tokens, and none sooner than the writer allows. */
function redisMessages({ answersAtOnce, tokensPerSecond }: Demand): number {
  return Math.min(tokensPerSecond, (answersAtOnce * 1_000) / COMMITTER.writerGapMs);
}
