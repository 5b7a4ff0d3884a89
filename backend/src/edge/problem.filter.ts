import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { ErrorCode, Problem } from '../protocol/index.js';
import { describeError, exactStatusOf } from './describe-error.js';
import { currentRequestId } from './request-id.js';

const STATUS: Readonly<Record<ErrorCode, number>> = {
  bad_request: 400,
  unauthenticated: 401,
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

/** Answers HTTP requests that failed with a problem document (RFC 9457). */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(exception: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const error = describeError(exception);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const status = exactStatusOf(error) ?? STATUS[error.code];
    if (status === 401) {
      // RFC 6750: no error code when the client sent no token at all.
      const detail = request.headers.authorization ? ' error="invalid_token"' : '';
      response.setHeader('WWW-Authenticate', `Bearer${detail}`);
    }
    if (error.retryAfterMs !== undefined) response.setHeader('Retry-After', Math.ceil(error.retryAfterMs / 1000));
    const problem: Problem = {
      type: 'about:blank',
      title: error.code.replaceAll('_', ' '),
      status,
      detail: error.message,
      code: error.code,
      requestId: currentRequestId(),
    };
    response.status(status).type('application/problem+json').send(JSON.stringify(problem));
  }
}
