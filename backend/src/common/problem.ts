import { STATUS_CODES } from 'node:http';
import { OF_HTTP_ITSELF, type Problem, STATUS_OF } from '../protocol/http/index.js';
import { describeError, statusOf } from './describe-error.js';
import { currentRequestId } from './request-id.js';

export interface DescribedProblem {
  readonly problem: Problem;
  /** How long to wait before trying again, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

/** Converts an error to a problem document (RFC 9457). Unexpected errors are logged and become `internal`. */
export function problemOf(exception: unknown): DescribedProblem {
  const error = describeError(exception);
  const thrown = statusOf(exception);
  const isOfHttp = OF_HTTP_ITSELF.has(thrown);
  return {
    problem: {
      type: 'about:blank',
      title: isOfHttp ? (STATUS_CODES[thrown] ?? '').toLowerCase() : error.code.replaceAll('_', ' '),
      status: isOfHttp ? thrown : STATUS_OF[error.code],
      detail: error.message,
      code: error.code,
      requestId: currentRequestId(),
      ...(error.resetsAt !== undefined && { resetsAt: error.resetsAt }),
    },
    retryAfterMs: error.retryAfterMs,
  };
}
