import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ModelServer } from '../../testing/model/model-server.js';
import { refuses } from '../../testing/model/script.js';
import { ask, failure, modelOf } from './ask.js';

let server: ModelServer;

beforeEach(async () => {
  server = await ModelServer.start();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

describe('the settings of a reply', () => {
  test('reach the model under the names of the API', async () => {
    const settings = { systemPrompt: 'Be {terse}.', temperature: 0, topP: 0.25, maxOutputTokens: 64 };
    await ask(modelOf(server), { settings });
    const { body } = await server.request(0);
    expect(body).toMatchObject({ temperature: 0, top_p: 0.25, max_tokens: 64, stream: true });
    expect(body.messages).toEqual([
      { role: 'system', content: 'Be {terse}.' },
      { role: 'user', content: 'Hello?' },
    ]);
  });

  test('are not sent if they are not set, since some models refuse them', async () => {
    await ask(modelOf(server, { systemPrompt: 'Be brief.' }), { settings: { topP: 1 } });
    await ask(modelOf(server));
    const [first, second] = server.requests.map(({ body }) => Object.keys(body));
    for (const name of ['temperature', 'max_tokens', 'max_completion_tokens']) expect(first).not.toContain(name);
    expect(first).toContain('top_p');
    expect(second).not.toContain('top_p');
  });

  test('do not apply to the next reply', async () => {
    const model = modelOf(server);
    await ask(model, { settings: { temperature: 1.5, systemPrompt: '' } });
    await ask(model);
    const [first, second] = server.requests.map(({ body }) => body);
    expect(first?.temperature).toBe(1.5);
    expect(first?.messages.map(({ role }) => role)).toEqual(['user']);
    expect(second).not.toHaveProperty('temperature');
    expect(second?.messages.map(({ role }) => role)).toEqual(['system', 'user']);
  });

  test('reach a reasoning model under the names for those', async () => {
    await ask(modelOf(server, { allowed: ['o3-mini'] }), { model: 'o3-mini', settings: { maxOutputTokens: 9 } });
    expect((await server.request(0)).body).toMatchObject({ max_completion_tokens: 9 });
  });

  test.each([
    ['a range', { param: 'temperature', message: 'temperature must be at most 1' }],
    ['a list of problems', { message: '1 validation error: temperature: Input should be less than or equal to 1' }],
  ])('refused with %s are named as the reason, and the request is not retried', async (_what, body) => {
    server.next(refuses(400, body));
    const { error } = await ask(modelOf(server), { settings: { temperature: 2 } });
    expect(error).toEqual(failure('model_settings'));
    expect(server.requests).toHaveLength(1);
  });

  test('are not part of the request for a title', async () => {
    const settings = { systemPrompt: 'Rhyme.', temperature: 2, maxOutputTokens: 1 };
    const { signal } = new AbortController();
    const history = [{ role: 'user' as const, text: 'Hello?' }];
    await modelOf(server).title({ model: 'gpt-4.1', history, requestId: 'one', signal, settings });
    const body = server.titleRequests[0]?.body;
    expect(body).not.toHaveProperty('temperature');
    expect(body).not.toHaveProperty('max_tokens');
    expect(JSON.stringify(body?.messages)).not.toContain('Rhyme');
  });
});
