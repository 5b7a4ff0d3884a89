import { readFileSync } from 'node:fs';

/** What keeps an event loop from its work. */
export interface LoopCosts {
  /** How much longer work takes than its CPU time, because all processes and threads share the cores. */
  readonly stretch: number;
  /** Pauses for the collection of garbage, each after so many milliseconds of work: short ones, and long ones. */
  readonly minorPauseMs: number;
  readonly minorPauseEveryMs: number;
  readonly majorPauseMs: number;
  readonly majorPauseEveryMs: number;
}

/** The process with all tabs of a run, which shares the cores with the server: CPU time in microseconds. */
export interface TabsCosts extends LoopCosts {
  /** The frames of a commit, besides each of them. */
  readonly wakeMicros: number;
  readonly frameMicros: number;
}

/** What one process pays on its event loop, and what the database pays for it. Times are CPU time in microseconds. */
export interface Costs extends LoopCosts {
  /** A question and the start of its reply, and the end of the reply. */
  readonly sendMicros: number;
  /** One token, from the model's bytes to the journal; the frame and the write for one tab are included. */
  readonly tokenMicros: number;
  /** A commit, besides its tokens. */
  readonly commitMicros: number;
  /** The write of a frame for each tab after the first. */
  readonly writeMicros: number;
  /** What remains without any load, in microseconds a second. */
  readonly restMicros: number;
  /** The same for each open socket. */
  readonly socketMicros: number;
  /** Resident memory of a socket, in bytes. */
  readonly socketBytes: number;
  /** How long a commit waits for the database while the event loop is free, in milliseconds, and longer for each token. */
  readonly commitWaitMs: number;
  readonly tokenWaitMs: number;
  /** What a token spends outside: the sockets of the model and of the tab, in milliseconds. */
  readonly transportMs: number;
  /** CPU of the database; 0 for SQLite, which runs inside the process. */
  readonly databaseSendMicros: number;
  readonly databaseCommitMicros: number;
  /** Only in a run that measures: people's tabs are elsewhere. */
  readonly tabs: TabsCosts;
}

export type DatabaseName = 'sqlite' | 'postgresql';

export interface MeasuredCosts {
  /** When, which commit, which machine. */
  readonly measured: string;
  readonly costs: Readonly<Record<DatabaseName, Costs>>;
  /** Runs with which predictions are compared. */
  readonly checks: readonly Check[];
}

/** Latencies in milliseconds, and the CPU time of the event loop as a share of a core. */
export type Figure = 'p50' | 'p99' | 'CPU';

/** A server under a known load: the medians of some runs. */
export interface Check {
  readonly database: DatabaseName;
  readonly answers: number;
  readonly measured: Readonly<Record<Figure, number>>;
}

export const COSTS_FILE = 'bench/simulate/costs.json';

export const readCosts = (): MeasuredCosts => JSON.parse(readFileSync(COSTS_FILE, 'utf8')) as MeasuredCosts;
