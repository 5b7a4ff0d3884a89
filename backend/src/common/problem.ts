import { STATUS_CODES } from 'node:http';
import type { ErrorCode, Problem } from '../protocol/index.js';
import { describeError, statusOf } from './describe-error.js';
import { currentRequestId } from './request-id.js';

const STATUS: Readonly<Record<ErrorCode, number>> = {
  bad_request: 400,
  unauthenticated: 401,
  session_ended: 401,
  forbidden: 403,
  not_found: 404,
  run_active: 409,
  idempotency_mismatch: 409,
  last_admin: 409,
  too_large: 413,
  rate_limited: 429,
  storage: 503,
  draining: 503,
  overloaded: 503,
  internal: 500,
};

/** Statuses of HTTP itself that say more than the code of the closed list does. */
const OF_HTTP_ITSELF: ReadonlySet<number> = new Set([405, 408, 415]);

export interface DescribedProblem {
  readonly problem: Problem;
  /** How long to wait before trying again, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

/** What a client is told of an error (RFC 9457). Errors that are nobody's business are logged on the way. */
export function problemOf(exception: unknown): DescribedProblem {
  const error = describeError(exception);
  const thrown = statusOf(exception);
  const isOfHttp = OF_HTTP_ITSELF.has(thrown);
  return {
    problem: {
      type: 'about:blank',
      title: isOfHttp ? (STATUS_CODES[thrown] ?? '').toLowerCase() : error.code.replaceAll('_', ' '),
      status: isOfHttp ? thrown : STATUS[error.code],
      detail: error.message,
      code: error.code,
      requestId: currentRequestId(),
    },
    retryAfterMs: error.retryAfterMs,
  };
}
