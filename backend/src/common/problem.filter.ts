import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { problemOf } from './problem.js';
import { callFailureOf, isForPrograms } from './program-error.js';

/** Answers failed HTTP requests with a problem document (RFC 9457), and those of `/v1` as OpenAI's API does. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(exception: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const isCall = isForPrograms(request.originalUrl);
    const { status, type, document, retryAfterMs, isFinal } = isCall ? asCallFailure(exception) : asProblem(exception);
    if (status === 401) {
      // RFC 6750: no error code when the client sent no token at all.
      const detail = request.headers.authorization ? ' error="invalid_token"' : '';
      response.setHeader('WWW-Authenticate', `Bearer${detail}`);
    }
    if (retryAfterMs !== undefined) response.setHeader('Retry-After', Math.ceil(retryAfterMs / 1000));
    // OpenAI's libraries repeat requests by themselves after some statuses, unless this header forbids it.
    if (isFinal) response.setHeader('X-Should-Retry', 'false');
    response.status(status).type(type).send(JSON.stringify(document));
  }
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly document: object;
  readonly retryAfterMs: number | undefined;
  readonly isFinal?: boolean | undefined;
}

function asProblem(exception: unknown): Answer {
  const { problem, retryAfterMs } = problemOf(exception);
  return { status: problem.status, type: 'application/problem+json', document: problem, retryAfterMs };
}

function asCallFailure(exception: unknown): Answer {
  const { status, document, retryAfterMs, isFinal } = callFailureOf(exception);
  return { status, type: 'application/json', document, retryAfterMs, isFinal };
}
