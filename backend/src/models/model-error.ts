import type { RunErrorCode } from '../protocol/index.js';

const MESSAGES: Readonly<Record<RunErrorCode, string>> = {
  model_auth: 'the model provider does not accept the key',
  model_forbidden: 'an admin does not allow this model',
  model_rate_limited: 'the model provider asks to slow down',
  model_unavailable: 'the model cannot be reached',
  model_timeout: 'the model took too long',
  model_truncated: 'the reply broke off',
  model_refused: 'the model provider refused to answer',
  model_settings: 'the model provider does not take these settings',
  model_bad_response: 'the answer of the model provider cannot be read',
  model_length: 'the reply reached the limit of the model or of its settings',
  model_empty: 'the model gave no text',
  model_quota: 'the account with the model provider has no credit',
  model_too_long: 'the reply is longer than allowed',
  context_length: 'the conversation is longer than the model can read',
  storage: 'the reply could not be stored',
  internal: 'the model call failed unexpectedly',
  stopped_by_admin: 'an admin stopped the reply',
};

export interface ModelErrorOptions {
  /** How long the provider asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Whether the same request may succeed a little later. */
  readonly isTransient?: boolean;
  /** Whether the model is being loaded: then the request is repeated until the deadline of the first token. */
  readonly isLoading?: boolean;
  /** Safe details for the log: a status and kinds of errors, never a sentence. */
  readonly details?: Readonly<Record<string, string | number>>;
  /** Whether a kept-alive connection had been closed by the server: a new connection may succeed at once. */
  readonly isStale?: boolean;
}

/**
 * A failed model call. It deliberately has no `cause`: the provider's error may quote the key or the conversation,
 * which would then be logged.
 */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly retryAfterMs?: number;
  readonly isTransient: boolean;
  readonly isLoading: boolean;
  readonly isStale: boolean;
  readonly details: Readonly<Record<string, string | number>>;

  constructor(
    readonly code: RunErrorCode,
    options: ModelErrorOptions = {},
  ) {
    super(MESSAGES[code]);
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
    this.isTransient = options.isTransient ?? false;
    this.isLoading = options.isLoading ?? false;
    this.isStale = options.isStale ?? false;
    this.details = options.details ?? {};
  }
}
