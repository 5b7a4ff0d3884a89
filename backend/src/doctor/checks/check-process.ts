import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { promisify } from 'node:util';
import { getHeapStatistics } from 'node:v8';
import { type Check, type Found, note, ok, problem } from '../findings.js';

const MEGABYTE = 1024 * 1024;
/** What an idle server with a few dozen tabs and the packages of a model takes, with some room. */
const NEEDED_MB = 512;
/** One for each tab, and some for the database and the model. */
const NEEDED_FILES = 4_096;
/** From here on, a team of usual size is not refused connections. */
const LEAST_FILES = 1_024;

/** What the system gives to this process; the server gets the same if it is started in the same way. */
export const checkProcess = (): Check => ({
  area: 'server',
  limitMs: 3_000,
  run: async () => [node(), ...memory(), ...(await files())],
});

function node(): Found {
  const { node: version } = process.versions;
  return version.startsWith('24.') ? ok('node_ok', { version }) : note('node_other', { version });
}

function memory(): Found[] {
  // 0 or a huge number without a limit.
  const limit = process.constrainedMemory();
  const isLimited = limit > 0 && limit < totalmem();
  const memoryMb = Math.round((isLimited ? limit : totalmem()) / MEGABYTE);
  const heap = Math.round(getHeapStatistics().heap_size_limit / MEGABYTE);
  const params = { memory: memoryMb, heap };
  return [
    memoryMb < NEEDED_MB ? note('memory_low', { memory: memoryMb, needed: NEEDED_MB }) : ok('memory_ok', params),
    ...(isLimited && heap > memoryMb ? [problem('memory_heap', params)] : []),
  ];
}

async function files(): Promise<Found[]> {
  const limit = await openFilesLimit();
  if (limit === undefined) return [];
  return [limit < LEAST_FILES ? problem('files_low', { limit, needed: NEEDED_FILES }) : ok('files_ok', { limit })];
}

/** The limit of this process, or of a child process on a system without `/proc`; `undefined` if it is not known. */
async function openFilesLimit(): Promise<number | undefined> {
  try {
    const text = await readFile('/proc/self/limits', 'utf8');
    return numberIn(/^Max open files\s+(\d+)/m.exec(text)?.[1]);
  } catch {
    const { stdout } = await promisify(execFile)('sh', ['-c', 'ulimit -n']).catch(() => ({ stdout: '' }));
    return numberIn(/^\d+/.exec(stdout)?.[0]);
  }
}

const numberIn = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
