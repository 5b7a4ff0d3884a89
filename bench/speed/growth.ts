import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { createTestDatabase } from '../../backend/test/support/test-database.ts';
import { type AnswersResult, runAnswers } from './load/answers.ts';
import { Turns } from './load/turns.ts';
import { quantile, type Spread, spreadOf } from './report/figures.ts';
import { COMMON_WORD, fillConversations, RARE_WORD } from './growth-database.ts';
import { LockstepSystem } from './systems/lockstep-system.ts';
import { MeasuredTab } from './systems/measured-tab.ts';
import type { Surroundings } from './parts/part.ts';
import type { SearcherOptions } from './load/searcher.ts';
import { warmUp } from './systems/start-system.ts';

const REPETITIONS = 11;
const BOOTS = 3;
const ANSWERS = { answers: 20, rate: 20, seconds: 8 };
/** Clients that search while tokens are streamed. */
const SEARCHERS = 2;
/** How often the answers are measured alone, with searches, and with equal other work, alternately. */
const PAIRS = 3;

const p99 = ({ latencies }: AnswersResult): number => quantile(latencies, 0.99);

/** Figures by title, in milliseconds except for the memory; and problems. */
export interface Growth {
  readonly figures: ReadonlyMap<string, Spread>;
  readonly errors: number;
}

/** Fills a database with conversations, and measures a server on it. */
export async function measureGrowth({ children, modelPort }: Surroundings, conversations: number): Promise<Growth> {
  await using database = await createTestDatabase(null);
  const options = { database, modelPort, keepDatabase: true };
  const first = await LockstepSystem.start(children, options);
  const { people } = first;
  await first[Symbol.asyncDispose]();
  fillConversations(database.url.slice('sqlite:'.length), people, conversations);

  const boots: number[] = [];
  const boot = async (): Promise<LockstepSystem> => {
    const began = performance.now();
    const system = await LockstepSystem.start(children, { ...options, people });
    boots.push(performance.now() - began);
    return system;
  };
  for (let at = 1; at < BOOTS; at += 1) await (await boot())[Symbol.asyncDispose]();
  await using system = await boot();
  await warmUp(system);
  const requests = await measureRequests(system);
  using turns = await Turns.open(system, 1);
  const sent = await turns.run(REPETITIONS, 1);
  const alone: AnswersResult[] = [];
  const searched: AnswersResult[] = [];
  const crowded: AnswersResult[] = [];
  const searchMs: number[] = [];
  const search = { url: `${system.url}/api/conversations?q=${COMMON_WORD}&limit=50`, busyMs: 0 };
  for (let at = 0; at < PAIRS; at += 1) {
    alone.push(await runAnswers(system, ANSWERS));
    const { result, times } = await whileAsking(system, search);
    searched.push(result);
    searchMs.push(...times);
    const nothing = { url: `${system.url}/health/live`, busyMs: quantile(times, 0.5) };
    crowded.push((await whileAsking(system, nothing)).result);
  }
  const figures: [string, readonly number[]][] = [
    ['first boot, ms', boots.slice(0, 1)],
    ['boot again, ms', boots.slice(1)],
    ['memory, MB', [system.meter.residentBytes / 2 ** 20]],
    ...requests,
    ['send, to the acknowledgement, ms', sent.acknowledgedMs],
    ['send, to the first token, ms', sent.firstTokenMs],
    ['p99 of tokens, ms', alone.map(p99)],
    ['p99 of tokens while searches go on, ms', searched.map(p99)],
    ['the same, as a ratio', searched.map((result, at) => p99(result) / p99(alone[at] ?? result))],
    ['p99 of tokens while the machine is as busy without searches, ms', crowded.map(p99)],
    ['searches, as a ratio to that', searched.map((result, at) => p99(result) / p99(crowded[at] ?? result))],
    ['a search while tokens come, ms', searchMs],
  ];
  return {
    figures: new Map(
      figures.flatMap(([title, values]) => {
        const spread = spreadOf(values);
        return spread ? [[title, spread] as const] : [];
      }),
    ),
    errors: [sent, ...alone, ...searched, ...crowded].reduce((sum, { errors }) => sum + errors, 0),
  };
}

async function measureRequests(system: LockstepSystem): Promise<[string, readonly number[]][]> {
  const [room] = await system.rooms(1);
  const paths = [
    [`search of a rare word, ms`, `q=${RARE_WORD}&limit=50`],
    [`search of a common word, ms`, `q=${COMMON_WORD}&limit=50`],
    ['list of conversations, ms', 'limit=50'],
  ] as const;
  const found: [string, readonly number[]][] = [];
  for (const [title, query] of paths) found.push([title, await repeated(() => list(system, query))]);
  if (!room) return found;
  const opening = await repeated(async () => (await system.openTab(room, new MeasuredTab(0))).close());
  return [...found, ['opening a conversation, connect included, ms', opening]];
}

/** The duration of each call, in milliseconds. */
async function repeated(work: () => Promise<void>): Promise<readonly number[]> {
  const times: number[] = [];
  for (let at = 0; at < REPETITIONS; at += 1) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  return times;
}

/** @throws Error when the server does not return a non-empty list */
async function list(system: LockstepSystem, query: string): Promise<void> {
  const [person] = system.people;
  if (!person) throw new Error('No user has signed in');
  const headers = { authorization: `Bearer ${system.tokenOf(person)}` };
  const response = await fetch(`${system.url}/api/conversations?${query}`, { headers });
  const { items = [] } = (await response.json()) as { items?: readonly unknown[] };
  if (items.length === 0) throw new Error(`${query} found nothing: ${response.status}`);
}

/** Answers while requests are sent without pause, and the milliseconds of each request. */
async function whileAsking(
  system: LockstepSystem,
  request: Omit<SearcherOptions, 'token'>,
): Promise<{ readonly result: AnswersResult; readonly times: readonly number[] }> {
  const [person] = system.people;
  if (!person) throw new Error('No user has signed in');
  const options: SearcherOptions = { ...request, token: system.tokenOf(person) };
  const searchers = Array.from(
    { length: SEARCHERS },
    () => new Worker(new URL('load/searcher.ts', import.meta.url), { workerData: options }),
  );
  const requests = searchers.map(async (searcher) => {
    const [times] = (await once(searcher, 'message')) as [readonly number[]];
    return times;
  });
  const result = await runAnswers(system, ANSWERS);
  for (const searcher of searchers) searcher.postMessage('end', []);
  return { result, times: (await Promise.all(requests)).flat() };
}
