import type { Profiler } from 'node:inspector';

/** CPU time of a function or package without its callees, in microseconds. */
export interface SelfTime {
  readonly name: string;
  readonly micros: number;
}

export interface FoldedProfile {
  /** Without idle time. */
  readonly busyMicros: number;
  readonly idleMicros: number;
  /** The largest first: packages, our own code by folder, Node's modules, and V8's entries in brackets. */
  readonly packages: readonly SelfTime[];
  readonly functions: readonly SelfTime[];
}

const IDLE = '(idle)';
/** Calls that start and stop the profiler do not count. */
const PROFILER = 'node:inspector';

type Frame = Profiler.ProfileNode['callFrame'];

/**
 * Sums up a V8 profile. Each sample names a node of the call tree; the time until the next sample counts for that node
 * only. Native code of packages, such as SQLite, has no file: it is named after its caller.
 */
export function foldProfile({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): FoldedProfile {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const callers = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const [packages, functions] = [new Map<string, number>(), new Map<string, number>()];
  let [busyMicros, idleMicros] = [0, 0];
  for (const [at, id] of samples.entries()) {
    const frame = frames.get(id);
    const micros = timeDeltas[at] ?? 0;
    if (!frame || frame.functionName === IDLE || frame.url === PROFILER) {
      idleMicros += micros;
      continue;
    }
    busyMicros += micros;
    if (isNative(frame)) {
      let caller = callers.get(id);
      while (caller !== undefined && frames.get(caller)?.url === '') caller = callers.get(caller);
      const found = (caller === undefined ? undefined : frames.get(caller)) ?? frame;
      add(packages, `native, for ${packageOf(found)}`, micros);
      add(functions, `native ${frame.functionName}, for ${functionOf(found)}`, micros);
    } else {
      add(packages, packageOf(frame), micros);
      add(functions, functionOf(frame), micros);
    }
  }
  return { busyMicros, idleMicros, packages: mostFirst(packages), functions: mostFirst(functions) };
}

/** V8's own work is in brackets. */
const isNative = ({ url, functionName }: Frame): boolean => url === '' && !functionName.startsWith('(');

/** `kysely`, `@nestjs/core`, `lockstep streams`, `node net`, `(garbage collector)`. */
export function packageOf({ url, functionName }: Frame): string {
  const installed = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (installed !== undefined) return installed;
  const own = /\/dist\/(?:src\/)?(?:([^/]+)\/)?.+$/.exec(url);
  if (own) return `lockstep ${own[1] ?? 'main'}`;
  if (url.startsWith('node:'))
    return `node ${
      url
        .slice('node:'.length)
        .replace(/^internal\//, '')
        .split('/')[0] ?? ''
    }`;
  return url === '' ? functionName || 'native' : 'other';
}

function functionOf({ url, functionName, lineNumber }: Frame): string {
  const place = url === '' ? '' : ` ${url.split('/').slice(-2).join('/')}:${lineNumber + 1}`;
  return `${functionName || '(anonymous)'}${place}`;
}

function add(times: Map<string, number>, name: string, micros: number): void {
  times.set(name, (times.get(name) ?? 0) + micros);
}

const mostFirst = (times: ReadonlyMap<string, number>): SelfTime[] =>
  [...times].map(([name, micros]) => ({ name, micros })).sort((a, b) => b.micros - a.micros);
