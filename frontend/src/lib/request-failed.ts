import { type ErrorCode, isRetryable } from '#protocol';

/** The server's closed list, and what goes wrong before anything reaches it. */
export type FailureCode = ErrorCode | 'network' | 'disconnected' | 'timeout';

const LOCAL: ReadonlySet<FailureCode> = new Set(['network', 'disconnected', 'timeout']);

interface RequestFailedOptions extends ErrorOptions {
  readonly retryAfterMs?: number | undefined;
  readonly requestId?: string | undefined;
}

/** The one error that a request to the server ends in, over HTTP and over the socket alike. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;

  constructor(
    readonly code: FailureCode,
    message: string,
    options: RequestFailedOptions = {},
  ) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs;
    this.requestId = options.requestId;
  }

  /** The request did not reach the server, or its answer did not come back: nobody knows whether it took effect. */
  get isLocal(): boolean {
    return LOCAL.has(this.code);
  }

  get isRetryable(): boolean {
    return this.isLocal || isRetryable(this.code as ErrorCode);
  }
}

const SENTENCES: Record<FailureCode, string> = {
  bad_request: 'The server could not make sense of this.',
  unauthenticated: 'Your session has ended. Sign in again.',
  forbidden: 'You are not allowed to do this.',
  not_found: 'This does not exist any more.',
  run_active: 'A reply is being written here. Try again when it has finished.',
  idempotency_mismatch: 'This was sent before with another text.',
  last_admin: 'There must always be an admin: this is the last one.',
  too_large: 'This is too long to be sent.',
  rate_limited: 'That was a little fast. Wait a moment and try again.',
  storage: 'The server cannot store anything at the moment.',
  draining: 'The server is restarting. Try again in a moment.',
  overloaded: 'The server is very busy. Try again in a moment.',
  internal: 'Something went wrong on the server.',
  network: 'The server cannot be reached.',
  disconnected: 'There is no connection to the server.',
  timeout: 'The server did not answer in time.',
};

/** One sentence for a person, whatever was thrown. */
export const sentenceOf = (error: unknown): string =>
  error instanceof RequestFailed ? SENTENCES[error.code] : SENTENCES.internal;
