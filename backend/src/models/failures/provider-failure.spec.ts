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

  test('tells how long to wait, in seconds, milliseconds or as a date', () => {
    const waits = (headers: Record<string, string>): number | undefined =>
      toModelError(thrown({ status: 429, headers: new Headers(headers) })).retryAfterMs;
    expect(waits({ 'retry-after': '2' })).toBe(2_000);
    expect(waits({ 'retry-after': '2', 'retry-after-ms': '150' })).toBe(150);
    expect(waits({ 'retry-after': new Date(Date.now() + 60_000).toUTCString() })).toBeGreaterThan(55_000);
    expect(waits({ 'retry-after': new Date(0).toUTCString() })).toBe(0);
    expect(waits({ 'retry-after': 'soon' })).toBeUndefined();
    expect(waits({})).toBeUndefined();
  });

  test('is described without a word of the provider', () => {
    const failure = thrown({ status: 400, code: 'bad', type: 'key sk-123 is wrong', cause: { code: 'EPIPE' } });
    expect(toModelError(failure).details).toEqual({ status: 400, kind: 'bad EPIPE' });
  });
});
