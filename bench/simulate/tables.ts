import { markdownTable, shortNumber } from '../speed/report/result-table.ts';
import type { Assumptions } from './assumptions.ts';
import type { Comparison } from './comparison.ts';
import type { Costs, DatabaseName, MeasuredCosts } from './costs.ts';
import { type Deployment, planFor, simulatePeople } from './deployment.ts';

/** Numbers of people for one process, and for a whole installation. */
const PEOPLE_OF_ONE = [500, 1_000, 2_000, 5_000, 10_000, 15_000, 20_000, 30_000, 40_000];
const PEOPLE_OF_ALL = [10_000, 100_000, 1_000_000];

const TITLES: Readonly<Record<DatabaseName, string>> = { sqlite: 'SQLite', postgresql: 'PostgreSQL' };
const whole = (value: number): string => Math.round(value).toLocaleString('en');
/** Two significant digits, for what is only an estimate. */
const about = (value: number): string => Number(value.toPrecision(2)).toLocaleString('en');
const percent = (share: number): string => `${Math.round(share * 100)} %`;
const ms = (value: number): string => `${shortNumber(value)} ms`;
const micros = (value: number): string => (value >= 1_000 ? ms(value / 1e3) : `${shortNumber(value)} µs`);

/** All tables of docs/scaling.md, by the names of their markers. */
export function tablesOf(
  measured: MeasuredCosts,
  comparisons: readonly Comparison[],
  assumptions: Assumptions,
): ReadonlyMap<string, string> {
  return new Map([
    ['costs', `${measured.measured}\n\n${costsTable(measured.costs)}`],
    ['checks', checksTable(comparisons)],
    ['people', peopleTable(measured.costs, assumptions)],
    ['installations', installationsTable(measured.costs.postgresql, assumptions)],
    ['assumptions', assumptionsTable(assumptions)],
  ]);
}

const COST_ROWS: readonly (readonly [string, (costs: Costs) => string])[] = [
  ['a message: its commit, the start of the reply, and its end', ({ sendMicros }) => micros(sendMicros)],
  ['a token, from the model to one tab', ({ tokenMicros }) => micros(tokenMicros)],
  ['a commit of tokens, besides them', ({ commitMicros }) => micros(commitMicros)],
  ['a delta for one more tab', ({ writeMicros }) => micros(writeMicros)],
  ['pauses for garbage, for a second of work', (costs) => ms(1_000 * pauseShare(costs))],
  ['work takes longer than its CPU time, for want of a core', ({ stretch }) => `${shortNumber(stretch)}x`],
  ['an open socket, per second', ({ socketMicros }) => micros(socketMicros)],
  ['memory of an open socket', ({ socketBytes }) => `${shortNumber(socketBytes / 1024)} KB`],
  ['a process without any load, per second', ({ restMicros }) => micros(restMicros)],
  ['the database, for a message', ({ databaseSendMicros }) => (databaseSendMicros ? micros(databaseSendMicros) : '-')],
  [
    'the database, for a commit',
    ({ databaseCommitMicros }) => (databaseCommitMicros ? micros(databaseCommitMicros) : '-'),
  ],
  ['a commit waits for the database', ({ commitWaitMs }) => (commitWaitMs ? ms(commitWaitMs) : '-')],
  ['and longer for each token', ({ tokenWaitMs }) => (tokenWaitMs ? micros(tokenWaitMs * 1e3) : '-')],
  ['on the way outside of the process', ({ transportMs }) => ms(transportMs)],
];

const pauseShare = (costs: Costs): number =>
  costs.minorPauseMs / costs.minorPauseEveryMs + costs.majorPauseMs / costs.majorPauseEveryMs;

function costsTable({ sqlite, postgresql }: MeasuredCosts['costs']): string {
  const lines = COST_ROWS.map(([title, cell]) => [title, cell(sqlite), cell(postgresql)]);
  return markdownTable(['CPU of the event loop, if not said otherwise', TITLES.sqlite, TITLES.postgresql], lines);
}

export function checksTable(comparisons: readonly Comparison[]): string {
  const lines = comparisons.map(({ database, answers, figure, predicted, measured, error }) => {
    const cell = figure === 'CPU' ? percent : ms;
    return [
      `${TITLES[database]}, ${answers} replies, ${figure}`,
      cell(predicted),
      cell(measured),
      `${error > 0 ? '+' : ''}${percent(error)}`,
    ];
  });
  return markdownTable(['20 tokens a second each', 'simulated', 'measured', 'difference'], lines);
}

function peopleTable(costs: MeasuredCosts['costs'], assumptions: Assumptions): string {
  const lines = PEOPLE_OF_ONE.map((people) => {
    const [sqlite, postgresql] = [costs.sqlite, costs.postgresql].map((one) =>
      simulatePeople(people, one, assumptions),
    );
    return [whole(people), ...[sqlite, postgresql].flatMap((one) => cellsOf(one))];
  });
  const headings = Object.values(TITLES).flatMap((title) => [`${title}, p50`, 'p99', 'event loop']);
  return markdownTable(['people of one process', ...headings], lines);
}

function cellsOf(simulated: ReturnType<typeof simulatePeople> | undefined): readonly string[] {
  if (!simulated) return [];
  // A queue that only grows has no quantiles.
  if (simulated.isOverloaded) return ['-', '-', 'too much'];
  return [ms(simulated.p50), ms(simulated.p99), percent(simulated.busy)];
}

const DEPLOYMENT_ROWS: readonly (readonly [string, (deployment: Deployment) => string])[] = [
  ['open sockets', ({ demand }) => whole(demand.sockets)],
  ['messages a second', ({ demand }) => about(demand.sendsPerSecond)],
  ['replies at once', ({ demand }) => whole(demand.answersAtOnce)],
  ['tokens a second', ({ demand }) => whole(demand.tokensPerSecond)],
  ['processes', ({ processes }) => whole(processes)],
  ['machines for them', ({ machines }) => whole(machines)],
  ['connections to PostgreSQL', ({ connections }) => whole(connections)],
  ['commits a second', ({ commitsPerSecond }) => about(commitsPerSecond)],
  ['cores of PostgreSQL at work', ({ databaseBusy }) => shortNumber(databaseBusy)],
  ['cores that PostgreSQL should have', ({ databaseCores }) => whole(databaseCores)],
  ['messages a second through Redis', ({ redisMessagesPerSecond }) => about(redisMessagesPerSecond)],
  ['growth of the database in a year', ({ gigabytesPerYear }) => `${about(gigabytesPerYear)} GB`],
  ['machines and database, a month', ({ machineDollars }) => `$${about(machineDollars)}`],
  ['the model, a month', ({ modelDollars }) => `$${about(modelDollars)}`],
];

function installationsTable(costs: Costs, assumptions: Assumptions): string {
  const plans = PEOPLE_OF_ALL.map((people) => planFor(people, costs, assumptions));
  const lines = DEPLOYMENT_ROWS.map(([title, cell]) => [title, ...plans.map(cell)]);
  return markdownTable(['people', ...PEOPLE_OF_ALL.map(whole)], lines);
}

const ASSUMPTION_ROWS: readonly (readonly [string, (assumptions: Assumptions) => string])[] = [
  ['people with a tab open in the busiest hour', ({ openShare }) => percent(openShare)],
  ['open tabs of each of them', ({ socketsPerPerson }) => String(socketsPerPerson)],
  ['messages of each of them in that hour', ({ questionsPerHour }) => String(questionsPerHour)],
  ['messages of each person on a working day', ({ questionsPerDay }) => String(questionsPerDay)],
  ['tokens of a reply', ({ tokensPerAnswer }) => whole(tokensPerAnswer)],
  ['tokens a second of a reply', ({ tokensPerSecond }) => whole(tokensPerSecond)],
  ['tokens of a prompt', ({ promptTokens }) => whole(promptTokens)],
  ['a process, or a core of the database, is busy at most', ({ busyTarget }) => percent(busyTarget)],
  ['sockets of a process', ({ socketsPerProcess }) => whole(socketsPerProcess)],
  ['stored for a million replies', ({ gigabytesPerMillionAnswers }) => `${gigabytesPerMillionAnswers} GB`],
  ['cores of a machine, one of which stays free', ({ coresPerMachine }) => String(coresPerMachine)],
  ['a core, with its memory, a month', ({ dollarsPerCore }) => `$${dollarsPerCore}`],
  ['a gigabyte, a month', ({ dollarsPerGigabyte }) => `$${dollarsPerGigabyte}`],
  ['a million tokens of prompts', ({ dollarsPerMillionPromptTokens }) => `$${dollarsPerMillionPromptTokens}`],
  ['a million tokens of replies', ({ dollarsPerMillionAnswerTokens }) => `$${dollarsPerMillionAnswerTokens}`],
];

function assumptionsTable(assumptions: Assumptions): string {
  return markdownTable(
    ['assumption', 'value'],
    ASSUMPTION_ROWS.map(([title, cell]) => [title, cell(assumptions)]),
  );
}
