import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { ask, failure, forText, modelOf, request } from './ask.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { refuses, says, type Script } from '../../testing/model/script.js';
import { scaled } from '../../testing/pace.js';

let server: ModelServer;

beforeEach(async () => {
  server = await ModelServer.start();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

describe('the time limits', () => {
  test.each<[string, Script]>([
    ['no head', (_answer, { closed }) => closed],
    ['a head and nothing more', (answer) => answer.stall()],
    [
      'a first event without text',
      async (answer) => {
        await answer.text('');
        await answer.stall();
      },
    ],
  ])('abort a reply that does not begin: %s', async (_name, script) => {
    server.otherwise = script;
    const before = performance.now();
    expect((await ask(modelOf(server, { firstTokenMs: 300 }))).error).toEqual(failure('model_timeout'));
    expect(performance.now() - before).toBeLessThan(scaled(1_300));
    await (
      await server.request(0)
    ).closed;
    expect(server.requests).toHaveLength(1);
  });

  test('abort a reply that stalls, and keep its text', async () => {
    server.next(async (answer) => {
      await answer.text('some');
      await answer.stall();
    });
    const { texts, error } = await ask(modelOf(server, { betweenTokensMs: 200 }));
    expect(texts).toEqual(['some']);
    expect(error).toEqual(failure('model_timeout'));
    await (
      await server.request(0)
    ).closed;
  });

  test('let a slow but steady reply finish', async () => {
    server.next(says(['a', 'b', 'c', 'd'], { delayMs: 150 }));
    expect((await ask(modelOf(server, { firstTokenMs: 300, betweenTokensMs: 300 }))).error).toBeUndefined();
  });

  test('count reasoning as a sign of life', async () => {
    server.next(async (answer, received) => {
      for (let step = 0; step < 4; step += 1) {
        await delay(150);
        await answer.event({ choices: [{ index: 0, delta: { reasoning_content: 'hm' }, finish_reason: null }] });
      }
      await says(['so'])(answer, received);
    });
    expect(await ask(modelOf(server, { firstTokenMs: 400, betweenTokensMs: 400 }))).toMatchObject({
      texts: ['so'],
      error: undefined,
    });
  });

  test.each([
    ['comments', ': OPENROUTER PROCESSING\n\n'],
    ['pings with a word', 'event: ping\ndata: ping\n\n'],
    ['pieces of an event', 'data: {"choices":[],\ndata: "x":1,\ndata: "y":2'],
    ['thoughts', 'data: {"choices":[{"index":0,"delta":{"reasoning_details":[{"text":"hm"}]}}]}\n\n'],
    ['tagged thoughts', 'data: {"choices":[{"index":0,"delta":{"content":"<think>hm</think>"}}]}\n\n'],
  ])('count %s as signs of life', async (_what, bytes) => {
    server.next(async (answer, received) => {
      const step = Math.ceil(bytes.length / 4);
      for (let at = 0; at < bytes.length; at += step) {
        await delay(150);
        await answer.raw(bytes.includes('"x"') ? bytes.slice(at, at + step) : bytes);
      }
      await answer.raw(bytes.includes('"x"') ? '}\n\n' : '');
      await says(['so'])(answer, received);
    });
    expect(await ask(modelOf(server, { firstTokenMs: 400, betweenTokensMs: 400 }))).toMatchObject({
      texts: ['so'],
      error: undefined,
    });
  });

  test('abort a reply of signs of life without text', async () => {
    server.otherwise = async (answer, { closed }) => {
      const gone = new AbortController();
      void closed.then(() => gone.abort());
      while (!gone.signal.aborted) {
        await answer.raw(': still here\n\n');
        await delay(50);
      }
    };
    const limits = { firstTokenMs: 300, betweenTokensMs: 300, wallClockMs: 900 };
    expect((await ask(modelOf(server, limits))).error).toEqual(failure('model_timeout'));
  });

  test('wait while a model is loading, within the limit for the first token', async () => {
    const loading = refuses(503, { code: 503, message: 'Loading model', type: 'unavailable_error' });
    server.next(loading, loading, loading);
    expect((await ask(modelOf(server))).error).toBeUndefined();
    expect(server.requests).toHaveLength(4);
    server.otherwise = loading;
    const before = performance.now();
    expect((await ask(modelOf(server, { firstTokenMs: 1_500 }))).error).toEqual(failure('model_unavailable'));
    expect(performance.now() - before).toBeLessThan(scaled(2_000));
  });

  test('do not count time in which the reader is busy', async () => {
    let text = '';
    const busily = forText((piece) => {
      text += piece;
      const until = performance.now() + 250;
      while (performance.now() < until);
    });
    await modelOf(server, { betweenTokensMs: 100 }).reply(request(), busily);
    expect(text).toBe('Hello, world!');
  });

  test('do not fail a complete reply whose connection stays open', async () => {
    server.next(async (answer) => {
      await answer.text('all\ud83d');
      await answer.finish('stop');
      await answer.usage({ prompt_tokens: 3, completion_tokens: 1 });
      await answer.stall();
    });
    const { texts, usage, error } = await ask(modelOf(server, { betweenTokensMs: 200 }));
    expect(error).toBeUndefined();
    expect(texts.join('')).toBe('all\ufffd');
    expect(usage).toEqual({ inputTokens: 3, outputTokens: 1 });
    await (
      await server.request(0)
    ).closed;
  });

  test('abort an endless reply', async () => {
    server.next(async (answer, received) => {
      const gone = new AbortController();
      void received.closed.then(() => gone.abort());
      while (!gone.signal.aborted) {
        await answer.text('on ');
        await delay(20);
      }
    });
    const { texts, error } = await ask(modelOf(server, { wallClockMs: 300 }));
    expect(texts.length).toBeGreaterThan(2);
    expect(error).toEqual(failure('model_timeout'));
  });
});
