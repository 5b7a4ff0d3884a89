import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { problemOf } from './problem.js';

/** Answers failed HTTP requests with a problem document (RFC 9457). */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(exception: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const { problem, retryAfterMs } = problemOf(exception);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (problem.status === 401) {
      // RFC 6750: no error code when the client sent no token at all.
      const detail = request.headers.authorization ? ' error="invalid_token"' : '';
      response.setHeader('WWW-Authenticate', `Bearer${detail}`);
    }
    if (retryAfterMs !== undefined) response.setHeader('Retry-After', Math.ceil(retryAfterMs / 1000));
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  }
}
