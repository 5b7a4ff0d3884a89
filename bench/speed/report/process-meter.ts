import { readdirSync, readFileSync } from 'node:fs';

/** The CPU time of each process of this program on this machine, in microseconds, by the ids of the processes. */
export const cpuOf = (program: string): ReadonlyMap<number, number> =>
  new Map(processesOf(program).map((pid) => [pid, new ProcessMeter([pid]).cpuMicros]));

/** The sum of what they used in between. Those that have ended do not count: what they used at last is unknown. */
export function cpuBetween(before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>): number {
  return [...after].reduce((sum, [pid, micros]) => sum + micros - (before.get(pid) ?? 0), 0);
}

function processesOf(program: string): readonly number[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.filter((id) => programOf(id) === program).map(Number);
}

function programOf(id: string): string | undefined {
  try {
    return readFileSync(`/proc/${id}/comm`, 'utf8').trim();
  } catch {
    // The process has ended since its name was read.
    return undefined;
  }
}

/** Reads the resource usage of processes from Linux's `/proc`. */
export class ProcessMeter {
  readonly #pids: readonly number[];

  constructor(pids: readonly number[]) {
    this.#pids = pids;
  }

  /** User and system time of all threads, in microseconds. */
  get cpuMicros(): number {
    let nanoseconds = 0;
    for (const pid of this.#pids) {
      for (const thread of threadsOf(pid)) {
        nanoseconds += nanosecondsOf(`/proc/${pid}/task/${thread}/schedstat`);
      }
    }
    return nanoseconds / 1e3;
  }

  /** User and system time of the main threads alone, which run the event loops, in microseconds. */
  get loopMicros(): number {
    return this.#pids.reduce((sum, pid) => sum + nanosecondsOf(`/proc/${pid}/task/${pid}/schedstat`), 0) / 1e3;
  }

  /** How long the main threads had work but no core, in microseconds. */
  get loopWaitMicros(): number {
    return this.#pids.reduce((sum, pid) => sum + nanosecondsOf(`/proc/${pid}/task/${pid}/schedstat`, 1), 0) / 1e3;
  }

  /** Resident memory, in bytes. */
  get residentBytes(): number {
    let kibibytes = 0;
    for (const pid of this.#pids) {
      kibibytes += Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    }
    return kibibytes * 1024;
  }
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    // The process has ended.
    return [];
  }
}

/** @param field 0: on a core; 1: waiting for one */
function nanosecondsOf(path: string, field = 0): number {
  try {
    return Number(readFileSync(path, 'utf8').split(' ')[field]);
  } catch {
    // The thread has ended since its name was read.
    return 0;
  }
}
