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
 * The error that a client may see: errors that are meant for it unchanged, `internal` for all others, which are logged
 * with their cause.
 */
export function describeError(error: unknown): ChatError {
  if (error instanceof ChatError) {
    if (error.code === 'storage' || error.code === 'internal') logger.error(error.message, error.cause);
    return error;
  }
  const code = CODE_OF_STATUS[statusOf(error)];
  if (code) return new ChatError(code, error instanceof Error ? error.message : code, { cause: error });
  // As an object, so that its causes are logged too.
  logger.error({ msg: 'An unexpected error', err: error });
  return new ChatError('internal', 'Something went wrong on the server.', { cause: error });
}

/** The HTTP status of an error. Errors of Express (invalid JSON, body too long) are not instances of HttpException. */
export function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  return error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : 500;
}
