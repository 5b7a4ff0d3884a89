import { m } from '#lib/language/messages.svelte.ts';
import { type ErrorCode, isRetryable } from '#protocol';

/** The server's closed list of codes, and those for requests without an answer. */
export type FailureCode = ErrorCode | 'network' | 'disconnected' | 'timeout';

const LOCAL: ReadonlySet<FailureCode> = new Set(['network', 'disconnected', 'timeout']);

interface RequestFailedOptions extends ErrorOptions {
  readonly retryAfterMs?: number | undefined;
  readonly requestId?: string | undefined;
}

/** The one error of requests to the server, over HTTP and over the socket. */
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

  /** The request or its answer was lost: whether it took effect is unknown. */
  get isLocal(): boolean {
    return LOCAL.has(this.code);
  }

  get isRetryable(): boolean {
    return this.isLocal || isRetryable(this.code as ErrorCode);
  }
}

/** One sentence for the user about any thrown error. */
export const sentenceOf = (error: unknown): string =>
  m[`failure_${error instanceof RequestFailed ? error.code : 'internal'}`]();
