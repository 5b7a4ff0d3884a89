import { describe, expect, test } from '@jest/globals';
import { toModelError } from './provider-failure.js';

const thrown = (fields: object): Error => Object.assign(new Error('secret words'), fields);

describe('a failure of a provider', () => {
  test.each<[object, string, boolean]>([
    [{ status: 401 }, 'model_auth', false],
    [{ status: 429, code: 'insufficient_quota' }, 'model_quota', false],
    [{ status: 402 }, 'model_quota', false],
    [{ status: 301 }, 'model_unavailable', false],
    [{ status: 429, type: 'requests' }, 'model_rate_limited', true],
    [{ status: 529, type: 'overloaded_error' }, 'model_unavailable', true],
    [{ status: 500, code: 'context_length_exceeded' }, 'context_length', false],
    [{ status: 413 }, 'context_length', false],
    [{ status: 422 }, 'model_bad_response', false],
    [{ status: 400, code: 'unsupported_value', param: 'temperature' }, 'model_settings', false],
    [{ status: 400, param: 'max_tokens' }, 'model_settings', false],
    [{ status: 422, message: 'Input should be less than 1: top_p' }, 'model_settings', false],
    [{ status: 500, message: 'top_p' }, 'model_unavailable', true],
    [{ status: 400, code: 'context_length_exceeded', param: 'max_tokens' }, 'context_length', false],
    [{ name: 'ContextOverflowError' }, 'context_length', false],
    [{ name: 'TimeoutError' }, 'model_timeout', false],
    [{ code: 'ECONNREFUSED' }, 'model_unavailable', true],
    [{ cause: { code: 'UND_ERR_SOCKET' } }, 'model_unavailable', true],
    [{}, 'internal', false],
  ])('%j is known as %s', (fields, code, isTransient) => {
    expect(toModelError(thrown(fields))).toMatchObject({ code, isTransient });
  });

  test.each<[unknown, string]>([
    [{ message: 'boom' }, 'model_unavailable'],
    ['boom', 'model_unavailable'],
    [{ code: 429, type: 'rate_limit_error' }, 'model_rate_limited'],
    [{ code: 'content_filter' }, 'model_refused'],
    [{ type: 'authentication_error' }, 'model_auth'],
  ])('as an error object in a stream, %j is known as %s', (error, code) => {
    expect(toModelError(error, true)).toMatchObject({ code });
  });

  /** The error that `JsonEndpoint` throws. */
  const refused = (status: number, document: unknown): unknown => thrown({ status, document });

  test.each<[string, number, unknown, string]>([
    ['OpenAI', 400, { error: { message: 'Your input exceeds the context window of this model.' } }, 'context_length'],
    [
      'vLLM',
      400,
      {
        object: 'error',
        message: "This model's maximum context length is 4096 tokens. However, you requested 5000",
        type: 'BadRequestError',
        code: 400,
      },
      'context_length',
    ],
    [
      'vLLM',
      400,
      { message: 'The decoder prompt (length 5000) is longer than the maximum model length of 4096.' },
      'context_length',
    ],
    [
      'llama.cpp',
      400,
      {
        error: {
          code: 400,
          message: 'the request exceeds the available context size',
          type: 'exceed_context_size_error',
        },
      },
      'context_length',
    ],
    [
      'llama.cpp',
      500,
      { error: { code: 500, message: 'the request exceeds the available context size. try increasing it' } },
      'context_length',
    ],
    ['Ollama', 400, { error: 'the input length exceeds the context length' }, 'context_length'],
    ['Ollama', 500, { error: 'prompt too long; exceeded max context length by 12 tokens' }, 'context_length'],
    ['LM Studio', 400, { error: 'Trying to keep the first 5000 tokens when context the overflows.' }, 'context_length'],
    ['Groq', 400, { error: { message: 'Please reduce the length of the messages or completion.' } }, 'context_length'],
    [
      'Groq',
      413,
      { error: { message: 'Request too large for model', type: 'tokens', code: 'rate_limit_exceeded' } },
      'context_length',
    ],
    [
      'Gemini',
      400,
      [
        {
          error: {
            code: 400,
            message: 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
            status: 'INVALID_ARGUMENT',
          },
        },
      ],
      'context_length',
    ],
    [
      'Anthropic',
      400,
      {
        type: 'error',
        error: { type: 'invalid_request_error', message: 'prompt is too long: 210000 tokens > 200000 maximum' },
      },
      'context_length',
    ],
    [
      'Anthropic',
      400,
      { error: { message: 'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000' } },
      'context_length',
    ],
    [
      'xAI',
      400,
      { code: 'Client specified an invalid argument', error: "This model's maximum prompt length is 131072" },
      'context_length',
    ],
    [
      'SGLang',
      400,
      { message: "The input (5000 tokens) is longer than the model's context length (4096 tokens)." },
      'context_length',
    ],
    [
      'TGI',
      422,
      { error: 'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096', error_type: 'validation' },
      'context_length',
    ],
    [
      'Cohere',
      400,
      { message: 'too many tokens: total number of tokens in the prompt cannot exceed 4081' },
      'context_length',
    ],
    [
      'Moonshot',
      400,
      { error: { message: 'Invalid request: Your request exceeded model token limit: 8192' } },
      'context_length',
    ],
    [
      'DeepSeek',
      402,
      { error: { message: 'Insufficient Balance', type: 'unknown_error', code: 'invalid_request_error' } },
      'model_quota',
    ],
    [
      'Anthropic',
      400,
      { error: { type: 'invalid_request_error', message: 'Your credit balance is too low' } },
      'model_quota',
    ],
    [
      'Moonshot',
      429,
      { error: { message: 'Your account is suspended', type: 'exceeded_current_quota_error' } },
      'model_quota',
    ],
    ['OpenRouter', 402, { error: { code: 402, message: 'Insufficient credits', metadata: {} } }, 'model_quota'],
    [
      'Gemini',
      429,
      {
        error: {
          code: 429,
          message: 'You exceeded your current quota, please check your plan and billing details.',
          status: 'RESOURCE_EXHAUSTED',
        },
      },
      'model_rate_limited',
    ],
    [
      'Gemini',
      400,
      {
        error: {
          code: 400,
          message: 'API key not valid. Please pass a valid API key.',
          details: [{ reason: 'API_KEY_INVALID' }],
        },
      },
      'model_auth',
    ],
    [
      'xAI',
      400,
      { code: 'Client specified an invalid argument', error: 'Incorrect API key provided: xa***Ug.' },
      'model_auth',
    ],
    ['OpenRouter', 401, { error: { message: 'No auth credentials found', code: 401 } }, 'model_auth'],
    ['FastAPI', 403, { detail: 'Not authenticated' }, 'model_auth'],
    [
      'FastAPI',
      422,
      { detail: [{ loc: ['body', 'temperature'], msg: 'Input should be less than 2' }] },
      'model_settings',
    ],
    ['FastAPI', 404, { detail: 'Not Found' }, 'model_unavailable'],
    [
      'Groq',
      400,
      { error: { message: 'The model has been decommissioned', code: 'model_decommissioned' } },
      'model_unavailable',
    ],
    [
      'OpenAI',
      400,
      { error: { message: 'Invalid prompt: flagged', code: 'content_policy_violation' } },
      'model_refused',
    ],
    [
      'Azure',
      400,
      { error: { code: 'content_filter', innererror: { code: 'ResponsibleAIPolicyViolation' } } },
      'model_refused',
    ],
    ['a proxy', 302, undefined, 'model_unavailable'],
    ['a proxy', 407, undefined, 'model_auth'],
    ['Cloudflare', 524, '<html>', 'model_unavailable'],
    ['other', 400, { message: 'an unknown message' }, 'model_bad_response'],
    ['other', 418, undefined, 'model_bad_response'],
  ])('in the words of %s with %i is known: %j', (_who, status, document, code) => {
    const failure = toModelError(refused(status, document));
    expect(failure.code).toBe(code);
    expect(failure.details['status']).toBe(status);
    expect(failure.isLoading).toBe(false);
  });

  test.each<[string, number, unknown]>([
    ['llama.cpp', 503, { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } }],
    ['Hugging Face', 503, { error: 'Model gpt2 is currently loading', estimated_time: 20 }],
    ['a server', 503, { detail: 'The server is warming up' }],
  ])('of %s that loads its model is worth waiting for', (_who, status, document) => {
    expect(toModelError(refused(status, document))).toMatchObject({ code: 'model_unavailable', isLoading: true });
  });

  test('reads how long to wait, in seconds, milliseconds or as a date', () => {
    const waits = (headers: Record<string, string>): number | undefined =>
      toModelError(thrown({ status: 429, headers: new Headers(headers) })).retryAfterMs;
    expect(waits({ 'retry-after': '2' })).toBe(2_000);
    expect(waits({ 'retry-after': '2', 'retry-after-ms': '150' })).toBe(150);
    expect(waits({ 'retry-after': new Date(Date.now() + 60_000).toUTCString() })).toBeGreaterThan(55_000);
    expect(waits({ 'retry-after': new Date(0).toUTCString() })).toBe(0);
    // By the provider's clock, not by that of this machine.
    const [date, later] = [new Date(0).toUTCString(), new Date(90_000).toUTCString()];
    expect(waits({ 'retry-after': later, date })).toBe(90_000);
    expect(waits({ 'retry-after': 'soon' })).toBeUndefined();
    expect(waits({})).toBeUndefined();
  });

  test('is described without the text of the provider', () => {
    const failure = thrown({ status: 400, code: 'bad', type: 'key sk-123 is wrong', cause: { code: 'EPIPE' } });
    expect(toModelError(failure).details).toEqual({ status: 400, kind: 'bad EPIPE' });
  });
});
