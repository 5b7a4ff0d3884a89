import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { refuses, says } from '../../testing/model/script.js';
import { TestServer } from '../support/test-server.js';
import { held, HI, newProgram, post, whenUnkeptEnded } from './calls.js';
import { createToken } from './programs.js';

describe('a call of a program', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start({ MAX_RUNS_PER_USER: '2', KEEP_ALIVE_MS: '40' });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  describe('that is wrong', () => {
    const user = { role: 'user', content: 'Hi' };
    it.each([
      ['n', { n: 2 }, 'n'],
      ['tools', { tools: [{ type: 'function', function: { name: 'f' } }] }, 'tools'],
      ['seed', { seed: 1 }, 'seed'],
      ['store', { store: true }, 'store'],
      ['temperature', { temperature: 3 }, 'temperature'],
      ['response_format', { response_format: { type: 'json_object' } }, 'response_format.type'],
      [
        'an image',
        { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:' } }] }] },
        'messages.0.content.0.type',
      ],
      ['a tool message', { messages: [user, { role: 'tool', content: 'x', tool_call_id: '1' }] }, 'messages.1.role'],
      ['late instructions', { messages: [user, { role: 'system', content: 'x' }, user] }, 'messages.1.role'],
      ['no question', { messages: [user, { role: 'assistant', content: 'x' }] }, 'messages.1.role'],
      ['no messages', { messages: [] }, 'messages'],
      ['a conversation', { metadata: { conversation_id: 'mine' } }, 'metadata.conversation_id'],
    ])('because of %s gets 400, which names it', async (_what, wrong, param) => {
      const { token } = await newProgram(server);
      const response = await post(server, token, { model: 'test-model', messages: [user], ...wrong });
      expect(response.status).toBe(400);
      const { error } = (await response.json()) as { error: Record<string, unknown> };
      expect(error).toEqual({ type: 'invalid_request_error', code: 'bad_request', param, message: expect.any(String) });
      expect(response.headers.get('x-request-id')).toMatch(/./);
    });

    it('accepts what has no effect', async () => {
      const { client } = await newProgram(server);
      await client.chat.completions.create({
        model: 'test-model',
        messages: HI,
        n: 1,
        user: 'me',
        store: false,
        metadata: { job: '7' },
        temperature: null,
        frequency_penalty: 0,
        response_format: { type: 'text' },
      });
    });

    it.each([
      ['an unknown model', 404, 'model_not_found', { model: 'gpt-0' }],
      [
        'a message that is too long for a conversation',
        413,
        'too_large',
        { messages: [{ role: 'user', content: 'x'.repeat(40_000) }], metadata: { conversation_id: randomUUID() } },
      ],
      ['a body that is too long', 413, 'too_large', { messages: [{ role: 'user', content: 'x'.repeat(2_200_000) }] }],
    ])('because of %s gets %i', async (_what, status, code, wrong) => {
      const { token } = await newProgram(server);
      const response = await post(server, token, { model: 'test-model', messages: [user], ...wrong });
      expect(response.status).toBe(status);
      await expect(response.json()).resolves.toMatchObject({ error: { code } });
    });

    it('takes more text than a message of a conversation may have', async () => {
      const { token } = await newProgram(server);
      const messages = [
        { role: 'user', content: 'x'.repeat(60_000) },
        { role: 'assistant', content: 'y'.repeat(60_000) },
        user,
      ];
      expect((await post(server, token, { model: 'test-model', messages })).status).toBe(200);
    });

    it('gets errors in the same shape from the server around it', async () => {
      const { token, person } = await newProgram(server);
      const reader = await createToken(server, person, { scopes: ['read'] });
      const text = {
        method: 'POST',
        body: 'Hi',
        headers: { 'content-type': 'text/plain', authorization: `Bearer ${token}` },
      };
      const statusAndCode = async (response: Response) => {
        const { error } = (await response.json()) as { error: { code: string } };
        return [response.status, error.code];
      };
      expect(await statusAndCode(await post(server, 'lsk_x', { model: 'test-model', messages: HI }))).toEqual([
        401,
        'invalid_api_key',
      ]);
      expect(await statusAndCode(await post(server, reader.token, { model: 'test-model', messages: HI }))).toEqual([
        403,
        'forbidden',
      ]);
      expect(
        await statusAndCode(await server.fetch('/v1/embeddings', { token }, { method: 'POST', body: '{}' })),
      ).toEqual([404, 'not_found']);
      expect(await statusAndCode(await server.fetch('/v1/chat/completions', { token }))).toEqual([405, 'bad_request']);
      expect(await statusAndCode(await fetch(`${server.url}/v1/chat/completions`, text))).toEqual([415, 'bad_request']);
      expect(
        await statusAndCode(
          await post(server, token, { model: 'test-model', messages: HI }, { 'X-Conversation-Id': 'x' }),
        ),
      ).toEqual([400, 'bad_request']);
    });
  });

  describe('whose model fails', () => {
    it.each([
      [401, 502, 'model_auth', 'false', 1],
      [400, 502, 'model_bad_response', null, 1],
      [503, 503, 'model_unavailable', null, 3],
    ])('with %i gets %i', async (theirs, status, code, retry, attempts) => {
      const { token } = await newProgram(server);
      server.model.next(...Array.from({ length: attempts }, () => refuses(theirs)));
      const response = await post(server, token, { model: 'test-model', messages: HI });
      expect([response.status, response.headers.get('x-should-retry')]).toEqual([status, retry]);
      await expect(response.json()).resolves.toMatchObject({ error: { code, type: 'server_error' } });
    });

    it('in the middle of a stream gets the error there', async () => {
      const { client, person } = await newProgram(server);
      server.model.next(says(['So far'], { finishReason: null }));
      const stream = await client.chat.completions.create({ model: 'test-model', messages: HI, stream: true });
      let text = '';
      const read = (async () => {
        for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
      })();
      await expect(read).rejects.toMatchObject({ code: 'model_truncated' });
      expect(text).toBe('So far');
      expect((await whenUnkeptEnded(server, person)).usage).toMatchObject([{ estimated: true }]);
    });

    it('in the middle of a document whose status is sent gets a broken connection, never half a reply', async () => {
      const { token } = await newProgram(server);
      const model = held(server);
      const call = post(server, token, { model: 'test-model', messages: HI });
      const answer = await model;
      await answer.text('So far');
      const response = await call;
      expect(response.status).toBe(200);
      const body = response.text();
      answer.end();
      await expect(body).rejects.toThrow();
    });
  });
});
