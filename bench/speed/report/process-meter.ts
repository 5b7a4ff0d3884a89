import { readdirSync, readFileSync } from 'node:fs';

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
      for (const thread of readdirSync(`/proc/${pid}/task`)) {
        nanoseconds += nanosecondsOf(`/proc/${pid}/task/${thread}/schedstat`);
      }
    }
    return nanoseconds / 1e3;
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

function nanosecondsOf(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8').split(' ')[0]);
  } catch {
    // The thread has ended since its name was read.
    return 0;
  }
}
