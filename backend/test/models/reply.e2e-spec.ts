import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { LanguageModel } from '../../src/models/language-model.js';
import type { Turn } from '../../src/models/model-request.js';
import { ask, failure, forText, modelOf, request } from './ask.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { says } from '../../testing/model/script.js';

let server: ModelServer;

beforeEach(async () => {
  server = await ModelServer.start();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

describe('a reply', () => {
  test('arrives in order, with the usage at the end', async () => {
    const { texts, usage, error } = await ask(modelOf(server));
    expect(error).toBeUndefined();
    expect(texts.join('')).toBe('Hello, world!');
    expect(usage).toEqual({ inputTokens: 7, outputTokens: 4 });
    expect(server.requests).toHaveLength(1);
  });

  test('is requested with the key, the system prompt, the history, usage and the request id', async () => {
    const history: Turn[] = [
      { role: 'user', text: 'One' },
      { role: 'assistant', text: 'Two' },
      { role: 'user', text: 'Three' },
    ];
    await ask(modelOf(server, { systemPrompt: 'Be {brief}.' }), { history });
    const { body, headers } = await server.request(0);
    expect(body).toMatchObject({ model: 'gpt-4.1', stream: true, stream_options: { include_usage: true } });
    expect(body.messages).toEqual([
      { role: 'system', content: 'Be {brief}.' },
      { role: 'user', content: 'One' },
      { role: 'assistant', content: 'Two' },
      { role: 'user', content: 'Three' },
    ]);
    expect(headers).toMatchObject({ authorization: 'Bearer sk-test', 'x-client-request-id': 'request-1' });
  });

  test('is complete when every byte arrives alone', async () => {
    server.next(says(['Grüße, ', '日本語 ', '👩‍💻!'], { bytewise: true }));
    const { texts, error } = await ask(modelOf(server));
    expect(error).toBeUndefined();
    expect(texts.join('')).toBe('Grüße, 日本語 👩‍💻!');
  });

  test('never has a surrogate pair split across pieces, although the model splits it', async () => {
    server.next(says(['a\ud83d', '\ude00b', '\ud83d'], { delayMs: 20 }));
    const { texts, error } = await ask(modelOf(server));
    expect(error).toBeUndefined();
    expect(texts.every((text) => text.isWellFormed())).toBe(true);
    expect(texts.join('')).toBe('a😀b\ufffd');
  });

  test('leaves a connection that the next one reuses', async () => {
    const model = modelOf(server);
    await ask(model);
    await (
      await server.request(0)
    ).closed;
    // The server has sent its last byte, which the next turns of the event loop read.
    await delay(50);
    await ask(model);
    expect(server.requests).toHaveLength(2);
    expect(server.connections).toBe(1);
  });

  test('ends normally with the end marker, also without a finish reason', async () => {
    server.next(async (answer) => {
      await answer.text('all');
      await answer.done();
    });
    expect(await ask(modelOf(server))).toMatchObject({ texts: ['all'], error: undefined });
  });

  test.each([
    ['an end of its own', 'stop'],
    ['a call of a tool', 'tool_calls'],
    ['a limit', 'length'],
  ])('without any text is a failure, with any finish reason: %s', async (_name, finishReason) => {
    server.next(says(['\n', ' '], { finishReason }));
    expect((await ask(modelOf(server))).error).toEqual(failure('model_empty'));
    expect(server.requests).toHaveLength(1);
  });

  test('is complete after its finish reason, even if the connection breaks then', async () => {
    server.next(async (answer) => {
      await answer.text('all');
      await answer.finish('stop');
      await delay(20);
      answer.reset();
    });
    expect(await ask(modelOf(server))).toMatchObject({ texts: ['all'], error: undefined });
  });

  test('forwards a token at once, without waiting for the next', async () => {
    let release = (): void => undefined;
    const seen = new Promise<void>((resolve) => (release = resolve));
    server.next(async (answer, received) => {
      await answer.text('first');
      await seen;
      await says([' second'])(answer, received);
    });
    const texts: string[] = [];
    const released = forText((text) => {
      texts.push(text);
      release();
    });
    await modelOf(server).reply(request(), released);
    expect(texts).toEqual(['first', ' second']);
  });
});

describe('a title', () => {
  const titled = (model: LanguageModel): Promise<string> => model.title(request());

  test('is one clean line', async () => {
    server.titles = says(['"**Saying', ' hello**."\n', 'Anything else?']);
    expect(await titled(modelOf(server))).toBe('Saying hello');
    expect(server.requests).toHaveLength(0);
    expect(server.titleRequests).toHaveLength(1);
  });

  test('that is empty is an error, not an empty title', async () => {
    server.titles = says(['""']);
    await expect(titled(modelOf(server))).rejects.toEqual(failure('model_bad_response'));
  });
});

describe('the models', () => {
  test('that are not allowed are not called', async () => {
    const { error } = await ask(modelOf(server), { model: 'other' });
    expect(error).toEqual(failure('model_unavailable'));
    expect(server.requests).toHaveLength(0);
  });

  test('of another provider fail at start with the name of the missing package', async () => {
    const model = modelOf(server, { allowed: ['cohere:command-a'] });
    await expect(model.onModuleInit()).rejects.toThrow(/OPENAI_MODELS: cohere:command-a .*@langchain\/cohere/);
  });

  test('of a local server may have a colon in their name', async () => {
    const model = modelOf(server, { allowed: ['llama3:8b'] });
    expect((await ask(model, { model: 'llama3:8b' })).error).toBeUndefined();
    expect(server.requests[0]?.body.model).toBe('llama3:8b');
  });
});
