/** All error codes of replies and problem documents; clients may rely on the list being complete. */
export const ERROR_CODES = [
  'bad_request',
  'unauthenticated',
  'session_ended',
  'forbidden',
  'not_found',
  'run_active',
  'idempotency_mismatch',
  'last_admin',
  'last_identity',
  'identity_taken',
  'account_exists',
  'role_by_provider',
  'too_large',
  'rate_limited',
  'budget_exceeded',
  'storage',
  'draining',
  'overloaded',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

const RETRYABLE: ReadonlySet<ErrorCode> = new Set([
  'run_active',
  'rate_limited',
  'storage',
  'draining',
  'overloaded',
  'internal',
]);

/** Whether the same request, unchanged, may succeed later. */
export const isRetryable = (code: ErrorCode): boolean => RETRYABLE.has(code);

export interface ChatErrorOptions extends ErrorOptions {
  /** How long to wait before trying again, in milliseconds. */
  readonly retryAfterMs?: number;
  /** For `budget_exceeded`: when the budget begins anew, in milliseconds since 1970, UTC. */
  readonly resetsAt?: number;
  /** The key of the request that is wrong. */
  readonly param?: string | undefined;
}

/** The only error that services throw on purpose; `common/` turns it into a reply or a problem document. */
export class ChatError extends Error {
  override readonly name = 'ChatError';
  readonly code: ErrorCode;
  readonly retryAfterMs: number | undefined;
  readonly resetsAt: number | undefined;
  readonly param: string | undefined;

  constructor(code: ErrorCode, message: string, options: ChatErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.resetsAt = options.resetsAt;
    this.param = options.param;
  }
}

/** Why a run failed, or was stopped. The page gets this code and a request id, never the provider's own message. */
export const RUN_ERROR_CODES = [
  'model_auth',
  'model_forbidden',
  'model_rate_limited',
  'model_unavailable',
  'model_timeout',
  'model_truncated',
  'model_refused',
  'model_settings',
  'model_bad_response',
  'model_length',
  'model_empty',
  'model_quota',
  'model_too_long',
  'context_length',
  'storage',
  'internal',
  'stopped_by_admin',
] as const;

export type RunErrorCode = (typeof RUN_ERROR_CODES)[number];
