import { HttpException, Logger } from '@nestjs/common';
import { ChatError, type ErrorCode } from '../protocol/index.js';

const logger = new Logger('Edge');

const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'bad_request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'bad_request',
  408: 'bad_request',
  413: 'too_large',
  415: 'bad_request',
  429: 'rate_limited',
};

/**
 * What a client may know about an error: its own kind where the error was meant for it, `internal` for all others,
 * which are logged with their cause instead.
 */
export function describeError(error: unknown): ChatError {
  if (error instanceof ChatError) {
    if (error.code === 'storage' || error.code === 'internal') logger.error(error.message, error.cause);
    return error;
  }
  const code = CODE_OF_STATUS[statusOf(error)];
  if (code) return new ChatError(code, error instanceof Error ? error.message : code, { cause: error });
  // As an object: its causes are logged too.
  logger.error({ msg: 'An unexpected error', err: error });
  return new ChatError('internal', 'Something went wrong on the server.', { cause: error });
}

/** The status of an error of HTTP: Express's own (a body that is no JSON, or too long) are no HttpException. */
export function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  return error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : 500;
}
