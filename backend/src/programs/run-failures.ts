import { CallFailed, type CallFailedOptions } from '../common/program-error.js';
import type { FinalStatus, RunErrorCode } from '../protocol/index.js';
import type { FinishReason } from '../protocol/openai/answers.js';

/** How a run ended, in a conversation or without one. */
export interface RunOutcome {
  readonly status: FinalStatus;
  readonly code?: RunErrorCode | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** Ends with a text that is valid as far as it goes. */
const FINISHES: Partial<Record<RunErrorCode, FinishReason>> = {
  model_length: 'length',
  model_too_long: 'length',
  model_refused: 'content_filter',
};

const SERVER = { status: 502, type: 'server_error' } as const;
const REQUEST = { status: 400, type: 'invalid_request_error', isFinal: true } as const;
type Failure = readonly [sentence: string, Omit<CallFailedOptions, 'code'>];

const FAILURES: Readonly<Record<RunErrorCode, Failure>> = {
  model_auth: ['The model provider does not accept the key of this server.', { ...SERVER, isFinal: true }],
  model_forbidden: ['An admin does not allow this model.', { ...REQUEST, status: 403 }],
  model_rate_limited: ['The model provider asks to slow down.', { status: 429, type: 'rate_limit_error' }],
  model_unavailable: ['The model cannot be reached.', { ...SERVER, status: 503 }],
  model_timeout: ['The model took too long.', { ...SERVER, status: 504 }],
  model_truncated: ['The reply broke off.', SERVER],
  model_refused: ['The model provider refused to answer.', REQUEST],
  model_settings: ['The model provider does not take these parameters.', REQUEST],
  model_bad_response: ['The answer of the model provider cannot be read.', SERVER],
  model_length: ['The reply reached the limit of the model or of the request.', SERVER],
  model_empty: ['The model gave no text.', SERVER],
  model_quota: ['The account of this server with the model provider has no credit.', { ...SERVER, isFinal: true }],
  model_too_long: ['The reply is longer than allowed.', SERVER],
  context_length: ['The messages are longer than the model can read.', { ...REQUEST, param: 'messages' }],
  storage: ['The reply could not be stored.', { ...SERVER, status: 503 }],
  internal: ['Something went wrong on the server.', { ...SERVER, status: 500 }],
  stopped_by_admin: ['An admin stopped the reply.', { ...SERVER, status: 503, isFinal: true }],
};

/** The finish reason of a run whose text can be used. @throws CallFailed for any other end */
export function finishOf({ status, code, retryAfterMs }: RunOutcome): FinishReason {
  // The user who stopped the run wanted the text to end there.
  if (status === 'completed' || status === 'stopped') return 'stop';
  if (status === 'interrupted') {
    throw new CallFailed('The reply was interrupted: the server is restarting.', {
      status: 503,
      type: 'server_error',
      code: 'interrupted',
    });
  }
  const finish = code && FINISHES[code];
  if (finish) return finish;
  const [sentence, options] = FAILURES[code ?? 'internal'];
  throw new CallFailed(sentence, { ...options, code: openAiCodeOf(code ?? 'internal'), retryAfterMs });
}

/** OpenAI's name for a full context is one that libraries react to. */
const openAiCodeOf = (code: RunErrorCode): string => (code === 'context_length' ? 'context_length_exceeded' : code);
