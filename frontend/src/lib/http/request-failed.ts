import { m } from '#lib/language/messages.svelte.ts';
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

/** One sentence for a person, whatever was thrown. */
export const sentenceOf = (error: unknown): string =>
  m[`failure_${error instanceof RequestFailed ? error.code : 'internal'}`]();
