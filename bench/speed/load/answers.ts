import { setTimeout as delay } from 'node:timers/promises';
import { planText } from './answer-plan.ts';
import { MeasuredTab, Recorder } from '../systems/measured-tab.ts';
import type { System, Tab } from '../systems/system.ts';

export interface AnswersOptions {
  readonly answers: number;
  /** Tokens per second of each answer. */
  readonly rate: number;
  readonly seconds: number;
  /** Tabs per answer. */
  readonly tabs?: number;
  /** The tabs are on the second process; sockets on the first one, which is not measured, send. */
  readonly elsewhere?: true;
  /** Called shortly before the steady part begins, when all sends should be done, and when it ends. */
  readonly onSteady?: { begin(): void; end(): void };
}

export interface AnswersResult {
  /** Milliseconds from the model to the tab, for tokens that the model sent in the steady part. */
  readonly latencies: readonly number[];
  /** CPU time of the server in the steady part, per token and tab. */
  readonly steadyCpuMicros: number;
  /** The same from the first send to the end of the last answer, including all sends and ends. */
  readonly cpuMicros: number;
  /** Tokens that tabs received in the steady part, and its duration. */
  readonly steadyTokens: number;
  readonly steadyMs: number;
  readonly bytesPerToken: number;
  readonly errors: number;
  /** The problem of the first tab that has one. */
  readonly problem: string | undefined;
}

const OPEN_AT_ONCE = 25;
/** After the last send is due. */
const SETTLE_MS = 700;
const EARLY_MS = 100;
/** Extra time for a server that cannot keep up. */
const PATIENCE_MS = 20_000;

/** Sends are spread evenly over this time, whether or not the server keeps up. */
const sendingMs = (answers: number): number => (answers === 1 ? 0 : Math.min(1_500, 200 + answers));

/** Runs concurrent answers, and measures how the server delivers their tokens. */
export async function runAnswers(system: System, options: AnswersOptions): Promise<AnswersResult> {
  const { answers, rate, seconds, tabs = 1, elsewhere = false } = options;
  const tokens = Math.round(rate * seconds);
  const recorder = new Recorder();
  const rooms = await system.rooms(answers);
  const wanted = rooms.flatMap((room) => Array.from({ length: tabs }, () => room));
  const listeners = wanted.map(() => new MeasuredTab(tokens, recorder));
  const opened: Tab[] = [];
  await inTurns(wanted, OPEN_AT_ONCE, async (room, at) => {
    const listener = listeners[at];
    if (listener) opened[at] = await system.openTab(room, listener, elsewhere ? 1 : 0);
  });
  const senders: Tab[] = [];
  for (const [at, room] of rooms.entries()) {
    const own = opened[at * tabs];
    if (!elsewhere && own) senders.push(own);
    else senders.push(await system.openTab(room, new MeasuredTab(tokens)));
  }

  const began = { cpu: system.meter.cpuMicros, at: performance.now() };
  const question = planText({ tokens, rate, waitMs: 0 });
  const sends = rooms.map(async (_, at) => {
    await delay((sendingMs(answers) * at) / answers);
    const error = await senders[at]?.send(question).catch((failure: unknown) => failure as Error);
    if (error) for (const listener of listeners.slice(at * tabs, (at + 1) * tabs)) listener.failed(error);
  });
  const over = Promise.all([...sends, ...listeners.map((listener) => listener.over)]);

  await delay(sendingMs(answers));
  options.onSteady?.begin();
  await delay(SETTLE_MS);
  const steady = { cpu: system.meter.cpuMicros, delivered: recorder.delivered, at: performance.now() };
  recorder.open();
  await delay(seconds * 1_000 - EARLY_MS - (performance.now() - began.at));
  options.onSteady?.end();
  recorder.close();
  const steadyMs = performance.now() - steady.at;
  const steadyTokens = recorder.delivered - steady.delivered;
  const steadyCpuMicros = (system.meter.cpuMicros - steady.cpu) / steadyTokens;

  await Promise.race([over, delay(PATIENCE_MS, undefined, { ref: false })]);
  const cpuMicros = (system.meter.cpuMicros - began.cpu) / recorder.delivered;
  const bytes = opened.reduce((sum, tab) => sum + tab.receivedBytes, 0);
  for (const tab of new Set([...opened, ...senders])) tab.close();
  return {
    latencies: recorder.latencies,
    steadyCpuMicros,
    cpuMicros,
    steadyTokens,
    steadyMs,
    bytesPerToken: bytes / recorder.delivered,
    errors: listeners.reduce((sum, { errors }) => sum + errors, 0),
    problem: listeners.find(({ problem }) => problem !== undefined)?.problem,
  };
}

/** Processes items in order, with limited concurrency. */
export async function inTurns<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, at: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [at, item] of queue) await work(item, at);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
