/**
 * Loaded into a server before itself: at each `SIGUSR2` it collects the garbage, and writes what the process holds to
 * the file `PROBE_FOLDER/<pid>.json`.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

export interface ProcessState {
  /** Of objects alone. Code comes and goes by megabytes, as V8 compiles what is used and forgets what is not. */
  readonly heapBytes: number;
  /** Of buffers and of what native code has told V8 about. */
  readonly externalBytes: number;
  readonly residentBytes: number;
  readonly timers: number;
}

const bytesOfObjects = (): number =>
  getHeapSpaceStatistics()
    .filter((space) => !/^(?:code|trusted)/.test(space.space_name))
    .reduce((sum, space) => sum + space.space_used_size, 0);

if (isMainThread) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  process.on('SIGUSR2', () => {
    // What the first collection finalizes, the second one frees.
    collect();
    collect();
    const { external, rss } = process.memoryUsage();
    const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout' || kind === 'Immediate').length;
    const state: ProcessState = { heapBytes: bytesOfObjects(), externalBytes: external, residentBytes: rss, timers };
    const report = join(process.env['PROBE_FOLDER'] ?? '.', `${process.pid}.json`);
    writeFileSync(`${report}.new`, JSON.stringify(state));
    renameSync(`${report}.new`, report);
  });
}
