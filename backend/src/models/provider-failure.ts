import { ModelError } from './model-error.js';
import { retryAfterMs } from './retry-after.js';

/** The parts of a thrown thing that tell failures apart; the SDKs of different providers agree on these alone. */
interface Failure {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
  readonly code: string;
  readonly type: string;
  readonly param: string;
  readonly headers: unknown;
  readonly cause: Failure | undefined;
}

const CONTEXT_WORDS = /context_length_exceeded|string_above_max_length|request_too_large|ContextOverflowError/;
const CONTEXT_MESSAGE = /maximum context length|context window|prompt is too long|input tokens exceed/i;
const REFUSAL_WORDS = /content_filter|content_policy|moderation|safety/i;
const QUOTA_WORDS = /insufficient_quota|billing/;
const SETTING_WORDS = /unsupported_(parameter|value)|^(temperature|top_?p|max_(completion_|output_)?tokens)$/i;
const SETTING_MESSAGE = /\b(temperature|top_?p|max_(completion_|output_)?tokens)\b/i;
const AUTH_WORDS = /invalid_api_key|authentication|permission|account_deactivated/;
const RATE_WORDS = /rate_limit/;
const OVERLOAD_WORDS = /server_error|overloaded|api_error|unavailable|timeout/;

/**
 * Says what went wrong in the closed list of codes, from whatever an SDK, `fetch` or a stream's own error object brought.
 * @param isAnswer the failure is an error object that came in place of a piece of the reply, not something thrown.
 */
export function toModelError(thrown: unknown, isAnswer = false): ModelError {
  if (thrown instanceof ModelError) return thrown;
  const failure = read(thrown);
  if (!failure) return new ModelError(isAnswer ? 'model_unavailable' : 'internal', { isTransient: isAnswer });
  return byWords(failure) ?? byStatus(failure) ?? byConnection(failure, isAnswer);
}

/** What may be logged of a failure: never its message, which may quote the request. */
export function describeFailure(thrown: unknown): Record<string, string | number> {
  const failure = read(thrown);
  if (!failure) return {};
  const { name, status, code, type, cause } = failure;
  const words = Object.entries({ name, code, type, causeCode: cause?.code ?? '' });
  const safe = words.filter(([, value]) => /^[\w.:-]{1,100}$/.test(value));
  return { ...Object.fromEntries(safe), ...(status === undefined ? {} : { status }) };
}

function read(thrown: unknown): Failure | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  const fields = new Map<string, unknown>(
    ['name', 'message', 'status', 'code', 'type', 'param', 'headers', 'cause'].map((key) => [
      key,
      Reflect.get(thrown, key),
    ]),
  );
  const word = (key: string): string => {
    const value = fields.get(key);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  const status = fields.get('status');
  return {
    // Classes of the SDKs do not all set a name of their own.
    name: thrown instanceof Error && word('name') === 'Error' ? thrown.constructor.name : word('name'),
    message: word('message'),
    status: typeof status === 'number' ? status : undefined,
    code: word('code'),
    type: word('type'),
    param: word('param'),
    headers: fields.get('headers'),
    cause: read(fields.get('cause')),
  };
}

function byWords(failure: Failure): ModelError | undefined {
  const words = `${failure.name} ${failure.code} ${failure.type}`;
  const isClientError = failure.status === undefined || failure.status === 400;
  if (CONTEXT_WORDS.test(words) || (isClientError && CONTEXT_MESSAGE.test(failure.message))) {
    return new ModelError('context_length');
  }
  if (isAboutSettings(failure)) return new ModelError('model_settings');
  if (failure.status !== undefined && failure.status !== 400 && failure.status !== 429) return undefined;
  if (QUOTA_WORDS.test(words)) return new ModelError('model_rate_limited');
  if (REFUSAL_WORDS.test(words)) return new ModelError('model_refused');
  if (AUTH_WORDS.test(words)) return new ModelError('model_auth');
  if (RATE_WORDS.test(words)) return rateLimited(failure);
  if (OVERLOAD_WORDS.test(words)) return unavailable(failure);
  return undefined;
}

/** OpenAI names the parameter beside its code; most others name it in their sentence alone. */
function isAboutSettings({ status, code, type, param, message }: Failure): boolean {
  if (status !== 400 && status !== 422) return false;
  return [code, type, param].some((word) => SETTING_WORDS.test(word)) || SETTING_MESSAGE.test(message);
}

function byStatus(failure: Failure): ModelError | undefined {
  const { status } = failure;
  if (status === undefined) return undefined;
  if (status === 401 || status === 403) return new ModelError('model_auth');
  if (status === 404) return new ModelError('model_unavailable');
  if (status === 413) return new ModelError('context_length');
  if (status === 429) return rateLimited(failure);
  if (status >= 500 || status === 408 || status === 409) return unavailable(failure);
  return new ModelError('model_bad_response');
}

function byConnection(failure: Failure, isAnswer: boolean): ModelError {
  if (failure.name.includes('Timeout')) return new ModelError('model_timeout');
  if (failure.name === 'SyntaxError') return new ModelError('model_bad_response', { isTransient: true });
  // Sockets, DNS and TLS all fail with a code, mostly on the cause of a TypeError that `fetch` throws.
  const isConnection = failure.code !== '' || !!failure.cause?.code || failure.name.includes('Connection');
  return isAnswer || isConnection ? unavailable(failure) : new ModelError('internal');
}

function rateLimited(failure: Failure): ModelError {
  return new ModelError('model_rate_limited', { isTransient: true, retryAfterMs: retryAfterMs(failure.headers) });
}

function unavailable(failure: Failure): ModelError {
  return new ModelError('model_unavailable', { isTransient: true, retryAfterMs: retryAfterMs(failure.headers) });
}
