import { REFUSES } from '../common/handlers/answers.decorator.js';
import { isLimited } from '../limits/limited-paths.js';
import { STATUS_OF } from '../protocol/http/index.js';
import type { ErrorCode } from '../protocol/index.js';

/** The properties of a route that decide which refusals are possible before its handler runs. */
export interface Refused {
  readonly method: string;
  readonly path: string;
  readonly isPublic: boolean;
  readonly hasInput: boolean;
  readonly guards: readonly object[];
}

const UNSUPPORTED_MEDIA_TYPE = 415;

/** The codes that middleware, guards, input parsing and the database may refuse a route with. */
export function refusalsAround({ method, path, isPublic, hasInput, guards }: Refused): readonly ErrorCode[] {
  const isReading = method === 'GET';
  const takesBodies = /^\/(api|v1)\//.test(path) && !isReading;
  return [
    ...(isPublic ? [] : (['unauthenticated', 'forbidden'] as const)),
    ...(hasInput || takesBodies ? (['bad_request'] as const) : []),
    ...(takesBodies ? (['too_large'] as const) : []),
    ...guards.flatMap(refusalsOf),
    ...(isLimited(path) ? (['rate_limited'] as const) : []),
    // Public GET routes read only from memory.
    ...(isPublic && isReading ? [] : (['storage', 'overloaded'] as const)),
    'internal',
  ];
}

const refusalsOf = (guard: object): readonly ErrorCode[] =>
  (Reflect.getMetadata(REFUSES, guard) as readonly ErrorCode[] | undefined) ?? [];

/** Groups codes by status, in ascending order. A body that is not JSON has a status of its own. */
export function byStatus(codes: readonly ErrorCode[]): ReadonlyMap<number, readonly ErrorCode[]> {
  const statuses = new Map<number, ErrorCode[]>();
  for (const code of new Set(codes)) statuses.set(STATUS_OF[code], [...(statuses.get(STATUS_OF[code]) ?? []), code]);
  if (codes.includes('too_large')) statuses.set(UNSUPPORTED_MEDIA_TYPE, ['bad_request']);
  return new Map([...statuses].sort(([a], [b]) => a - b));
}
