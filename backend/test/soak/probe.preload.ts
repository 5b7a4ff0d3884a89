/**
 * Loaded into a server before its own code: at each `SIGUSR2` it collects garbage, and writes the memory and resources
 * of the process to `PROBE_FOLDER/<pid>.json`.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

export interface ProcessState {
  /** Memory of objects. Code is not counted: V8 compiles and drops megabytes of it as needed. */
  readonly heapBytes: number;
  /** Memory of buffers and of native code, as reported to V8. */
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
    // The second collection frees what the first one has finalised.
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
