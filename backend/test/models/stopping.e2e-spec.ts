import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { getEventListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { ask, forText, modelOf, request } from './ask.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { refuses, type Script } from '../../testing/model/script.js';
import { scaled } from '../../testing/pace.js';

let server: ModelServer;

beforeEach(async () => {
  server = await ModelServer.start();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

describe('stopping', () => {
  test.each<[string, Script]>([
    ['before the head', (_answer, { closed }) => closed],
    ['before the first token', (answer) => answer.stall()],
    [
      'in mid-reply',
      async (answer) => {
        await answer.text('some');
        await answer.stall();
      },
    ],
    ['in the pause before a repetition', refuses(503, {}, { 'retry-after': '3' })],
  ])('closes the connection within a second and throws the reason: %s', async (_name, script) => {
    server.otherwise = script;
    const stop = new AbortController();
    const outcome = ask(modelOf(server), { signal: stop.signal });
    const { closed } = await server.request(0);
    await delay(100);
    const reason = new Error('stopped by the user');
    const before = performance.now();
    stop.abort(reason);
    expect((await outcome).error).toBe(reason);
    await closed;
    expect(performance.now() - before).toBeLessThan(scaled(1_000));
    expect(server.openAnswers).toBe(0);
    expect(server.requests).toHaveLength(1);
  });

  test('before the request sends none', async () => {
    const { error } = await ask(modelOf(server), { signal: AbortSignal.abort() });
    expect(error).toMatchObject({ name: 'AbortError' });
    expect(server.requests).toHaveLength(0);
  });

  test('by an error of the sink closes the connection too, without a retry', async () => {
    server.next(async (answer) => {
      await answer.text('some');
      await answer.stall();
    });
    const reason = new Error('no room');
    const refusing = forText((text) => {
      expect(text).toBe('some');
      throw reason;
    });
    await expect(modelOf(server).reply(request(), refusing)).rejects.toBe(reason);
    await (
      await server.request(0)
    ).closed;
  });

  test('leaves no listener on a signal that outlives the request', async () => {
    const { signal } = new AbortController();
    await ask(modelOf(server), { signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});
