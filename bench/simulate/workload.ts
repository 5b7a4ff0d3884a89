import { Random } from '../../backend/test/faults/stage/random.ts';

/** What people do with one process. */
export interface Workload {
  /** Questions of all people together; they ask at random moments. */
  readonly sendsPerSecond: number;
  /** Tokens of each answer. */
  readonly tokens: number;
  /** Tokens per second of each answer. */
  readonly rate: number;
  /** Tabs that show each answer. */
  readonly tabs: number;
  /** The model writes at multiples of it, so that tokens of several answers come together; 0 if they do not. */
  readonly tickMs: number;
}

/** The answers of the runs with which predictions are compared; the timers of their model count milliseconds. */
export const CHECKED_ANSWER = { tokens: 120, rate: 20, tabs: 1, tickMs: 1 };
/** The seeds of these runs. */
export const CHECK_SEEDS = [11, 12, 13, 14, 15];
/** The measured part of a run. */
export const MEASURED_MS = 10_000;

/** A workload with this many answers at once, on average. */
export function workloadOf(answers: number, answer: Omit<Workload, 'sendsPerSecond'>): Workload {
  return { ...answer, sendsPerSecond: (answers * answer.rate) / answer.tokens };
}

/** The duration of an answer, in milliseconds. */
export const answerMs = ({ tokens, rate }: Workload): number => (tokens / rate) * 1_000;

/** The time until as many answers end as begin. */
export const warmUpTime = (workload: Workload): number => 1.5 * answerMs(workload);

/** The moments of all questions, in milliseconds from the start. The same seed gives the same moments. */
export function sendTimes({ sendsPerSecond }: Workload, durationMs: number, seed: number): readonly number[] {
  const random = new Random(seed);
  const times: number[] = [];
  // The time between two independent events has an exponential distribution.
  const pause = (): number => (-Math.log(1 - random.next()) / sendsPerSecond) * 1_000;
  for (let at = pause(); at < durationMs; at += pause()) times.push(at);
  return times;
}
