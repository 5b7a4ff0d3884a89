import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { refuses, says } from '../../testing/model/script.js';
import { until } from '../support/test-client.js';
import { type TestPerson, TestServer } from '../support/test-server.js';

describe('a script that asks by POST /api/chat', () => {
  let server: TestServer;
  let person: TestPerson;
  const ask = (message = 'Hi') =>
    server.fetch('/api/chat', person, { method: 'POST', body: JSON.stringify({ message }) });
  /** A model that sends nothing until `release` is called. */
  const waiting = () => {
    const released = Promise.withResolvers<void>();
    server.model.next(async (answer, asked) => {
      await released.promise;
      await says(['At ', 'last'])(answer, asked);
    });
    return { release: released.resolve };
  };
  beforeAll(async () => {
    server = await TestServer.start({ KEEP_ALIVE_MS: '40' });
    person = await server.signIn('Ada');
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('gets a byte from time to time while it waits, and valid JSON', async () => {
    const { release } = waiting();
    const response = await ask();
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    let body = '';
    for await (const bytes of response.body as AsyncIterable<Uint8Array>) {
      body += Buffer.from(bytes).toString();
      if (/^\n{3,}$/.test(body)) release();
    }
    expect(body).toMatch(/^\n{3,}\{/);
    expect(JSON.parse(body)).toEqual({
      reply: 'At last',
      conversationId: expect.any(String),
      messageId: expect.any(String),
    });
  });

  it('gets a failure in the body when it comes after the status', async () => {
    const released = Promise.withResolvers<void>();
    server.model.next(async (answer, asked) => {
      await released.promise;
      await refuses(401)(answer, asked);
    });
    const response = await ask();
    released.resolve();
    expect(response.status).toBe(200);
    await expect(response.json()).resolves.toMatchObject({
      status: 500,
      code: 'internal',
      detail: expect.stringContaining('model_auth'),
      requestId: response.headers.get('x-request-id'),
    });
  });

  it('gets the status of an immediate refusal', async () => {
    expect((await ask('')).status).toBe(400);
    const [anonymous, wrong] = await Promise.all([
      server.fetch('/api/chat', undefined, { method: 'POST', body: '{"message":"Hi"}' }),
      server.fetch('/api/chat', person, { method: 'POST', body: '{"message":"Hi","model":"unknown"}' }),
    ]);
    expect([anonymous.status, wrong.status]).toEqual([401, 400]);
  });

  it('[L6] may repeat a request with the same id, at once or later, and makes one message', async () => {
    const post = (fields: Record<string, string>) =>
      server.fetch('/api/chat', person, { method: 'POST', body: JSON.stringify(fields) });
    const question = { message: 'Once?', clientMessageId: randomUUID() };
    const { release } = waiting();
    const before = server.model.requests.length;
    const [first, second] = [post(question), post(question)];
    await until(() => server.model.requests.length > before, 'the model is asked');
    release();
    const answer = (await (await first).json()) as { readonly conversationId: string };
    expect(answer).toMatchObject({ reply: 'At last' });
    expect(await (await second).json()).toEqual(answer);
    expect(await (await post(question)).json()).toEqual(answer);
    expect(server.model.requests.length).toBe(before + 1);
    expect((await post({ ...question, message: 'Twice?' })).status).toBe(409);
    // The same id of another user is a different one.
    server.model.next(says(['Yours']));
    const other = await server.signIn('Bob');
    const yours = await server.fetch('/api/chat', other, { method: 'POST', body: JSON.stringify(question) });
    const theirs = (await yours.json()) as { readonly conversationId: string };
    expect(theirs).toMatchObject({ reply: 'Yours' });
    expect(theirs.conversationId).not.toBe(answer.conversationId);
  });

  it('may disconnect: its question is answered, and the server goes on', async () => {
    const { release } = waiting();
    const before = server.model.requests.length;
    const leaving = request(`${server.url}/api/chat`, {
      method: 'POST',
      headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' },
    });
    const answered = once(leaving, 'response');
    leaving.on('error', () => undefined).end('{"message":"Left behind"}');
    await until(() => server.model.requests.length > before, 'the model is asked');
    await answered;
    leaving.destroy();
    release();
    await until(async () => {
      const { items } = (await (await server.fetch('/api/conversations?q=last', person)).json()) as {
        readonly items: readonly { readonly hit?: { readonly excerpt: readonly { readonly text: string }[] } }[];
      };
      return items.length >= 2;
    }, 'the reply is kept');
    expect((await server.fetch('/health/live')).status).toBe(200);
  });
});

describe('a script whose reply is ready quickly', () => {
  it('gets plain JSON with its length, or the status of the failure', async () => {
    await using server = await TestServer.start();
    const person = await server.signIn('Ada');
    const body = '{"message":"Hi"}';
    server.model.next(says(['Hello']));
    const response = await server.fetch('/api/chat', person, { method: 'POST', body });
    expect(response.headers.get('content-length')).not.toBeNull();
    expect(await response.text()).toMatch(/^\{"reply":"Hello"/);
    server.model.next(refuses(401));
    expect((await server.fetch('/api/chat', person, { method: 'POST', body })).status).toBe(500);
  });
});
