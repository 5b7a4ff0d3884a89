import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { ModelError } from '../../src/models/model-error.js';
import { ask, failure, logged, modelOf } from './ask.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { refuses, says, type Script } from '../../testing/model/script.js';

let server: ModelServer;

beforeEach(async () => {
  server = await ModelServer.start();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

describe('a request that fails before the first token', () => {
  const transient: [string, Script, string][] = [
    ['500', refuses(500), 'model_unavailable'],
    ['503', refuses(503, { type: 'overloaded_error' }), 'model_unavailable'],
    ['an HTML page with 502', refuses(502, '<html>Bad gateway</html>'), 'model_unavailable'],
    ['429', refuses(429, { code: 'rate_limit_exceeded' }), 'model_rate_limited'],
    ['a reset', (answer) => answer.reset(), 'model_unavailable'],
    [
      'a reset after the head',
      async (answer) => {
        answer.head();
        await delay(20);
        answer.reset();
      },
      'model_unavailable',
    ],
    [
      'an empty stream',
      (answer) => {
        answer.head();
        answer.end();
      },
      'model_bad_response',
    ],
    [
      'a page instead of a stream',
      async (answer) => {
        await answer.raw('<html>Welcome</html>');
        answer.end();
      },
      'model_bad_response',
    ],
    [
      'broken JSON',
      async (answer) => {
        await answer.raw('data: {"choices": [\n\n');
        answer.end();
      },
      'model_bad_response',
    ],
    [
      'an error object',
      async (answer) => {
        await answer.event({ error: { message: 'boom', type: 'server_error' } });
        answer.end();
      },
      'model_unavailable',
    ],
  ];

  test.each(transient)('is retried after %s, with the reply of the retry', async (_name, script) => {
    server.next(script);
    const { texts, error } = await ask(modelOf(server));
    expect(error).toBeUndefined();
    expect(texts.join('')).toBe('Hello, world!');
    expect(server.requests).toHaveLength(2);
  });

  test('is retried at most twice, and then fails with a code', async () => {
    // In parallel, because each of them waits twice.
    const outcomes = transient.map(async ([name, script]) => {
      await using own = await ModelServer.start();
      own.otherwise = script;
      const { texts, error } = await ask(modelOf(own));
      return { name, texts, error, requests: own.requests.length };
    });
    expect(await Promise.all(outcomes)).toEqual(
      transient.map(([name, , code]) => ({ name, texts: [], error: failure(code), requests: 3 })),
    );
  });

  const final: [string, Script, string][] = [
    ['401', refuses(401, { code: 'invalid_api_key' }), 'model_auth'],
    ['403', refuses(403), 'model_auth'],
    ['404', refuses(404, { code: 'model_not_found' }), 'model_unavailable'],
    ['400', refuses(400), 'model_bad_response'],
    ['an exhausted quota', refuses(429, { code: 'insufficient_quota' }), 'model_quota'],
    ['a full context', refuses(400, { code: 'context_length_exceeded' }), 'context_length'],
    [
      'a full context that only the message tells',
      refuses(400, { message: "This model's maximum context length is 8192 tokens" }),
      'context_length',
    ],
    ['a refusal', refuses(400, { code: 'content_filter' }), 'model_refused'],
  ];

  test.each(final)('is not retried after %s', async (_name, script, code) => {
    server.otherwise = script;
    expect((await ask(modelOf(server))).error).toEqual(failure(code));
    expect(server.requests).toHaveLength(1);
  });

  test('fails when no server listens at the address', async () => {
    const model = modelOf(server);
    await server[Symbol.asyncDispose]();
    expect((await ask(model)).error).toEqual(failure('model_unavailable'));
  });

  test('waits for the Retry-After of the provider', async () => {
    server.next(refuses(429, {}, { 'retry-after': '1' }));
    const before = performance.now();
    expect((await ask(modelOf(server))).error).toBeUndefined();
    expect(performance.now() - before).toBeGreaterThanOrEqual(990);
  });

  test('is not retried when Retry-After exceeds the limit for the first token', async () => {
    server.next(refuses(429, {}, { 'retry-after': '60' }));
    const error = (await ask(modelOf(server))).error as ModelError;
    expect(error).toEqual(failure('model_rate_limited'));
    expect(error.retryAfterMs).toBe(60_000);
    expect(server.requests).toHaveLength(1);
  });

  test("is logged with its status and the provider's error code, without the provider's message", async () => {
    server.otherwise = refuses(401, { message: 'Incorrect API key provided: sk-test', code: 'invalid_api_key' });
    const model = modelOf(server);
    const lines = logged();
    await ask(model);
    expect(lines).toMatchObject([{ requestId: 'request-1', code: 'model_auth', status: 401, kind: 'invalid_api_key' }]);
    expect(JSON.stringify(lines)).not.toContain('sk-test');
  });

  test('is logged in the same way in the middle of a stream', async () => {
    server.otherwise = async (answer) => {
      await answer.text('half');
      await answer.event({ error: { message: 'secret', code: 'rate_limit_exceeded', type: 'tokens' } });
      answer.end();
    };
    const model = modelOf(server);
    const lines = logged();
    await ask(model);
    expect(lines).toMatchObject([{ code: 'model_rate_limited', kind: 'rate_limit_exceeded tokens' }]);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  test('never contains the message of the provider', async () => {
    server.otherwise = refuses(401, { message: 'Incorrect API key provided: sk-test' });
    const { error } = await ask(modelOf(server));
    expect(error).not.toHaveProperty('cause');
    expect(String(error)).not.toContain('sk-test');
  });
});

describe('a reply that breaks off after it began', () => {
  const breaks: [string, Script, string][] = [
    ['a clean end without a reason', says(['half'], { finishReason: null }), 'model_truncated'],
    ['a limit', says(['half'], { finishReason: 'length' }), 'model_length'],
    ['an error for a reason', says(['half'], { finishReason: 'error' }), 'model_unavailable'],
    [
      'an error in its choice',
      async (answer) => {
        await answer.text('half');
        await answer.event({ choices: [{ index: 0, delta: {}, error: { code: 502, message: 'boom' } }] });
        await answer.done();
      },
      'model_unavailable',
    ],
    [
      'half an event',
      async (answer) => {
        await answer.text('half');
        await answer.raw('data: {"choices":[{"del');
        answer.end();
      },
      'model_truncated',
    ],
    [
      'a reset',
      async (answer) => {
        await answer.text('half');
        await delay(20);
        answer.reset();
      },
      'model_unavailable',
    ],
    [
      'broken JSON',
      async (answer) => {
        await answer.text('half');
        await answer.raw('data: {oops\n\n');
        answer.end();
      },
      'model_bad_response',
    ],
    [
      'an error object',
      async (answer) => {
        await answer.text('half');
        await answer.event({ error: { code: 'rate_limit_exceeded' } });
        answer.end();
      },
      'model_rate_limited',
    ],
    ['a content filter', says(['half'], { finishReason: 'content_filter' }), 'model_refused'],
  ];

  test.each(breaks)('keeps its text, is not retried and fails with a code: %s', async (_name, script, code) => {
    server.otherwise = script;
    const { texts, error } = await ask(modelOf(server));
    expect(texts.join('')).toBe('half');
    expect(error).toEqual(failure(code));
    expect(server.requests).toHaveLength(1);
  });

  test('is cut at the maximum length, between two characters', async () => {
    server.next(says(['12345678', '9😀 and more']));
    const { texts, error } = await ask(modelOf(server, { maxReplyLength: 10 }));
    expect(texts.join('')).toBe('123456789');
    expect(error).toEqual(failure('model_too_long'));
    await (
      await server.request(0)
    ).closed;
  });
});
