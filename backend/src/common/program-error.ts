import { ChatError } from '../protocol/index.js';
import type { ProgramError } from '../protocol/openai/answers.js';
import { problemOf } from './problem.js';

type ErrorType = ProgramError['error']['type'];

export interface CallFailedOptions {
  readonly status: number;
  readonly type: ErrorType;
  readonly code: string;
  readonly param?: string;
  readonly retryAfterMs?: number | undefined;
  /** Whether the client libraries must not repeat the request by themselves. */
  readonly isFinal?: boolean;
}

/** The failure of a call under `/v1`, in OpenAI's terms. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';

  constructor(
    message: string,
    readonly options: CallFailedOptions,
  ) {
    super(message);
  }
}

export interface DescribedCallFailure extends CallFailedOptions {
  readonly document: ProgramError;
}

/** Whether a path belongs to the API that has the shapes of OpenAI's. */
export const isForPrograms = (path: string): boolean => /^\/v1(\/|$|\?)/i.test(path);

/** The names that OpenAI's API has for errors that this API has too. */
const OPENAI_CODES: Readonly<Record<string, string>> = {
  unauthenticated: 'invalid_api_key',
  rate_limited: 'rate_limit_exceeded',
  budget_exceeded: 'insufficient_quota',
};

/** Converts an error to one in OpenAI's shape. Unexpected errors are logged and become `internal`. */
export function callFailureOf(exception: unknown): DescribedCallFailure {
  if (exception instanceof CallFailed) return describe(exception.message, exception.options);
  const { problem, retryAfterMs } = problemOf(exception);
  const { status, detail, code } = problem;
  const param = exception instanceof ChatError ? exception.param : undefined;
  const isOverBudget = code === 'budget_exceeded';
  return describe(detail, {
    status,
    type: isOverBudget ? 'insufficient_quota' : typeOf(status),
    code: OPENAI_CODES[code] ?? code,
    ...(param !== undefined && { param }),
    retryAfterMs,
    // Libraries wait for seconds, not until tomorrow.
    isFinal: isOverBudget,
  });
}

function describe(message: string, options: CallFailedOptions): DescribedCallFailure {
  const { type, code, param = null } = options;
  return { ...options, document: { error: { message, type, param, code } } };
}

function typeOf(status: number): ErrorType {
  if (status === 403) return 'permission_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}
