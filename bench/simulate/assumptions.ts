import { readFileSync } from 'node:fs';

/** How people use an installation in its busiest hour, and what things cost. */
export interface Assumptions {
  /** The share of all people who have a tab open. */
  readonly openShare: number;
  /** Open tabs of each of them. */
  readonly socketsPerPerson: number;
  /** Questions of each of them. */
  readonly questionsPerHour: number;
  /** Questions of each person, with a tab open or not, on a working day. */
  readonly questionsPerDay: number;
  readonly tokensPerAnswer: number;
  /** Of one answer. */
  readonly tokensPerSecond: number;
  readonly promptTokens: number;
  /** The share of a core that a process, or the database, should be busy at most. */
  readonly busyTarget: number;
  readonly socketsPerProcess: number;
  /** What the database keeps, with its indexes. */
  readonly gigabytesPerMillionAnswers: number;
  readonly coresPerMachine: number;
  /** Prices for a month. */
  readonly dollarsPerCore: number;
  readonly dollarsPerGigabyte: number;
  readonly dollarsPerMillionPromptTokens: number;
  readonly dollarsPerMillionAnswerTokens: number;
}

export const readAssumptions = (): Assumptions =>
  JSON.parse(readFileSync('bench/simulate/assumptions.json', 'utf8')) as Assumptions;

/** The load of a number of people in the busiest hour. */
export interface Demand {
  readonly sockets: number;
  readonly sendsPerSecond: number;
  readonly answersAtOnce: number;
  readonly tokensPerSecond: number;
}

export function demandOf(people: number, assumptions: Assumptions): Demand {
  const open = people * assumptions.openShare;
  const sendsPerSecond = (open * assumptions.questionsPerHour) / 3_600;
  return {
    sockets: open * assumptions.socketsPerPerson,
    sendsPerSecond,
    answersAtOnce: (sendsPerSecond * assumptions.tokensPerAnswer) / assumptions.tokensPerSecond,
    tokensPerSecond: sendsPerSecond * assumptions.tokensPerAnswer,
  };
}
