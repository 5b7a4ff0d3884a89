import { type Delta, type Reply, SimulatedCommitter } from './committer.ts';
import { EventLoop } from './event-loop.ts';
import type { Costs, TabsCosts } from '../costs.ts';
import { MEASURED_MS, sendTimes, warmUpTime, type Workload } from '../workload.ts';
import { quantile } from '../../speed/report/figures.ts';

export interface SimulationOptions {
  readonly costs: Costs;
  readonly workload: Workload;
  /** How many sockets are open, for what they cost without any answer. */
  readonly sockets?: number;
  /** The process with all tabs, if it shares the cores; otherwise each tab shows at once what it gets. */
  readonly tabs?: TabsCosts;
  /** The time before the measurement, and the measured time. */
  readonly warmUpMs: number;
  readonly durationMs: number;
  readonly seed: number;
}

export interface Simulated {
  /** Milliseconds from the model to a tab. */
  readonly p50: number;
  readonly p99: number;
  /** CPU time of the event loop, as a share of a core. */
  readonly busy: number;
  /** There is more to do than it can: latencies only grow. */
  readonly isOverloaded: boolean;
  readonly commitsPerSecond: number;
  readonly tokensPerSecond: number;
}

/** The share of a send's cost that comes before the reply; the rest comes after it. */
const START_SHARE = 0.6;
/** Half of a token's cost is its arrival, half its way to the tab. */
const ARRIVAL_SHARE = 0.5;
/** Several timers share the work without any load. */
const REST_EVERY_MS = 250;
const SOCKETS_EVERY_MS = 10;
/** Work that is left at the end. */
const OVERLOADED_MS = 250;

/**
 * Simulates the event loop of one process. Questions arrive at random moments; each starts a reply, whose tokens wait
 * for commits.
 *
 * Left out: compaction, other commands, and other programs on the machine.
 */
export class Simulation {
  readonly #options: SimulationOptions;
  /** In milliseconds. */
  readonly #sendMs: number;
  readonly #tokenMs: number;
  readonly #writeMs: number;
  readonly #loop: EventLoop;
  readonly #committer: SimulatedCommitter;
  readonly #tabs: EventLoop | undefined;
  readonly #latencies: number[] = [];

  private constructor(options: SimulationOptions) {
    const { costs, warmUpMs } = options;
    this.#options = options;
    this.#sendMs = costs.sendMicros / 1e3;
    this.#tokenMs = costs.tokenMicros / 1e3;
    this.#writeMs = costs.writeMicros / 1e3;
    this.#loop = new EventLoop(costs, warmUpMs);
    if (options.tabs) this.#tabs = new EventLoop({ ...options.tabs, stretch: 1 }, warmUpMs);
    this.#committer = new SimulatedCommitter(
      this.#loop,
      { commitMs: costs.commitMicros / 1e3, waitMs: costs.commitWaitMs, tokenWaitMs: costs.tokenWaitMs },
      (deltas, at) => this.#deliver(deltas, at),
    );
  }

  static run(options: SimulationOptions): Simulated {
    return new Simulation(options).#run();
  }

  #run(): Simulated {
    const { workload, costs, sockets = 0, seed, warmUpMs, durationMs } = this.#options;
    const end = warmUpMs + durationMs;
    for (const at of sendTimes(workload, end, seed)) this.#loop.add(at, (now) => this.#send(now));
    this.#loop.addEvery(REST_EVERY_MS, (costs.restMicros * REST_EVERY_MS) / 1e6, end);
    // Sockets are pinged at different moments.
    const socketsMs = (sockets * costs.socketMicros) / 1e3;
    this.#loop.addEvery(SOCKETS_EVERY_MS, (socketsMs * SOCKETS_EVERY_MS) / 1_000, end);
    this.#loop.run(end);
    this.#tabs?.run(Infinity);
    const seconds = durationMs / 1_000;
    const commits = this.#committer.startedAt.filter((at) => at >= warmUpMs).length;
    return {
      p50: quantile(this.#latencies, 0.5),
      p99: quantile(this.#latencies, 0.99),
      busy: this.#loop.busyMs / durationMs,
      isOverloaded: this.#loop.freeAt > end + OVERLOADED_MS,
      commitsPerSecond: commits / seconds,
      tokensPerSecond: this.#latencies.length / seconds,
    };
  }

  #send(now: number): number {
    const costMs = this.#sendMs * START_SHARE;
    const reply: Reply = { left: this.#options.workload.tokens, pending: [], notBefore: 0 };
    this.#expectToken(reply, now + costMs);
    return costMs;
  }

  #expectToken(reply: Reply, dueAt: number): void {
    const { tickMs } = this.#options.workload;
    const sentAt = tickMs === 0 ? dueAt : Math.ceil(dueAt / tickMs) * tickMs;
    this.#loop.add(sentAt, (now) => {
      reply.pending.push(sentAt);
      reply.left -= 1;
      if (reply.left > 0) this.#expectToken(reply, dueAt + 1_000 / this.#options.workload.rate);
      this.#committer.submit(reply, now);
      return this.#tokenMs * ARRIVAL_SHARE;
    });
  }

  /** Writes the frames of a commit, one after another. */
  #deliver(deltas: readonly Delta[], now: number): number {
    const { costs, workload, tabs } = this.#options;
    let at = now;
    // The server has a core while it writes, so the tabs wait for one when they wake up, and not later.
    const { wakeMicros = 0, frameMicros = 0, stretch = 1 } = tabs ?? {};
    let wakeMs = (wakeMicros * stretch + frameMicros * deltas.length * (stretch - 1)) / 1e3;
    for (const { reply, sentAt } of deltas) {
      at += this.#tokenMs * (1 - ARRIVAL_SHARE) * sentAt.length + this.#writeMs * (workload.tabs - 1);
      this.#show(sentAt, at + costs.transportMs, wakeMs);
      wakeMs = 0;
      if (reply.left === 0 && reply.pending.length === 0) this.#loop.add(at, () => this.#sendMs * (1 - START_SHARE));
    }
    return at - now;
  }

  /** A frame arrives at the tabs. */
  #show(sentAt: readonly number[], arrivesAt: number, wakeMs: number): void {
    const { tabs, workload, warmUpMs } = this.#options;
    const measured = sentAt.filter((moment) => moment >= warmUpMs);
    const record = (at: number): void => void this.#latencies.push(...measured.map((moment) => at - moment));
    if (!tabs) {
      record(arrivesAt);
      return;
    }
    const frameMs = tabs.frameMicros / 1e3;
    // What came before cannot change any more.
    this.#tabs?.run(arrivesAt);
    this.#tabs?.add(arrivesAt, (startedAt) => {
      record(startedAt + wakeMs + frameMs);
      return wakeMs + frameMs * workload.tabs;
    });
  }
}

/** Simulates a run as `runWorkload` makes it. */
export function simulateRun(costs: Costs, workload: Workload, seed: number): Simulated {
  return Simulation.run({
    costs,
    workload,
    tabs: costs.tabs,
    warmUpMs: warmUpTime(workload),
    durationMs: MEASURED_MS,
    seed,
  });
}
