import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { APIError } from 'openai';
import { Database } from '../../src/database/database.js';
import { statement } from '../../src/database/sql/statement.js';
import { UsersService } from '../../src/users/users.service.js';
import { HeldAnswers, says } from '../../testing/model/script.js';
import { begin, whenEnded } from '../support/conversation.js';
import { until } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';
import { finish, held, HI, newProgram, post, whenUnkeptEnded } from './calls.js';
import { createToken } from './programs.js';

describe('a call of a program without a conversation', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start({ MAX_RUNS_PER_USER: '2', KEEP_ALIVE_MS: '40' });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('keeps nothing but the use', async () => {
    const { person, client } = await newProgram(server);
    server.model.next(says(['Yes'], { usage: { prompt_tokens: 12, completion_tokens: 3 } }));
    const { id } = await client.chat.completions.create({ model: 'other-model', messages: HI });
    const { usage, ...counts } = await whenUnkeptEnded(server, person);
    expect(counts).toEqual({ conversations: 0, messages: 0, running: 0 });
    expect(usage).toMatchObject([
      { runId: id.replace('chatcmpl-', ''), model: 'other-model', inputTokens: 12, outputTokens: 3 },
    ]);
    const events = await server.get(Database).query(statement('select data from stream_events'), []);
    expect(JSON.stringify(events)).not.toContain('"Hi"');
  });

  it('sends the messages as they are, without the instructions for people', async () => {
    const { client } = await newProgram(server);
    await client.chat.completions.create({
      model: 'test-model',
      messages: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'system', content: [{ type: 'text', text: 'And kind.' }] },
        { role: 'user', content: 'One?' },
        { role: 'assistant', content: 'Two.', refusal: null },
        { role: 'user', content: [{ type: 'text', text: 'Three?' }] },
      ],
    });
    expect(server.model.requests.at(-1)?.body.messages).toEqual([
      { role: 'system', content: 'Be brief.\n\nAnd kind.' },
      { role: 'user', content: 'One?' },
      { role: 'assistant', content: 'Two.' },
      { role: 'user', content: 'Three?' },
    ]);
    await client.chat.completions.create({ model: 'test-model', messages: HI });
    expect(server.model.requests.at(-1)?.body.messages).toEqual(HI);
  });

  it.each([true, false])('stops when the client disconnects, stream: %s', async (stream) => {
    const { person, token } = await newProgram(server);
    const model = held(server);
    const gone = new AbortController();
    const call = server.fetch(
      '/v1/chat/completions',
      { token },
      {
        method: 'POST',
        body: JSON.stringify({ model: 'test-model', messages: HI, stream }),
        signal: gone.signal,
      },
    );
    const answer = await model;
    await answer.text('So far');
    if (stream) await (await call).body?.getReader().read();
    gone.abort();
    await expect(stream ? Promise.reject(new Error('aborted')) : call).rejects.toThrow(/abort/);
    await until(() => answer.isClosed, 'the connection to the model is closed');
    const { usage } = await whenUnkeptEnded(server, person);
    // A model that had said nothing when the client left may not have been reached.
    if (stream) expect(usage).toMatchObject([{ estimated: true }]);
  });

  it('[A2] ends within two seconds after its token, and the run with it', async () => {
    const { person, tokenId, client } = await newProgram(server);
    const model = held(server);
    const stream = await Promise.all([
      client.chat.completions.create({ model: 'test-model', messages: HI, stream: true }),
      model.then((answer) => answer.text('So far')),
    ]).then(([opened]) => opened);
    const read = (async () => {
      for await (const _chunk of stream);
    })();
    await server.fetch(`/api/tokens/${tokenId}`, person, { method: 'DELETE' });
    await expect(read).rejects.toMatchObject({ code: 'invalid_api_key' });
    await whenUnkeptEnded(server, person);
  });

  it('counts for the limit of active runs, like a reply in a conversation', async () => {
    const { person, client } = await newProgram(server);
    const tab = await server.connect(person);
    const [ofProgram, ofTab] = [held(server), held(server)];
    const first = client.chat.completions.create({ model: 'test-model', messages: HI });
    const program = await ofProgram;
    const { stream } = await begin(tab);
    const conversation = await ofTab;
    const refused = await client.chat.completions
      .create({ model: 'test-model', messages: HI })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 429, code: 'rate_limit_exceeded', type: 'rate_limit_error' });
    expect((refused as APIError).headers?.get('retry-after')).toBe('5');
    await finish(program, 'Done');
    await finish(conversation, 'Done');
    await expect(first).resolves.toMatchObject({ choices: [{ message: { content: 'Done' } }] });
    await whenEnded(tab, stream);
  });

  it('is kept alive while the model thinks', async () => {
    const { token } = await newProgram(server);
    const model = held(server);
    const response = await post(server, token, { model: 'test-model', messages: HI, stream: true });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe(': waiting\n\n');
    const answer = await model;
    await finish(answer, 'Yes');
    let rest = '';
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read())
      rest += Buffer.from(part.value).toString();
    expect(rest).toMatch(/data: \[DONE\]\n\n$/);
  });

  it('is limited per minute together with the messages of tabs', async () => {
    await using limited = await TestServer.start({ MAX_SENDS_PER_MINUTE: '2' });
    const person = await limited.signIn('Ada');
    const { token } = await createToken(limited, person);
    const tab = await limited.connect(person);
    const { stream } = await begin(tab);
    await whenEnded(tab, stream);
    const call = () =>
      limited.fetch(
        '/v1/chat/completions',
        { token },
        { method: 'POST', body: JSON.stringify({ model: 'test-model', messages: HI }) },
      );
    expect((await call()).status).toBe(200);
    const refused = await call();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await expect(begin(tab)).rejects.toThrow('rate_limited');
  });

  it('is interrupted when the server stops, and its use is counted', async () => {
    await using stopping = await TestServer.start();
    const person = await stopping.signIn('Ada');
    const { token } = await createToken(stopping, person);
    const answers = new HeldAnswers();
    stopping.model.next(answers.script);
    const call = stopping.fetch(
      '/v1/chat/completions',
      { token },
      { method: 'POST', body: JSON.stringify({ model: 'test-model', messages: HI }) },
    );
    await (await answers.next()).text('So far');
    await until(() => stopping.model.openAnswers === 1, 'the model answers');
    const stopped = stopping.stop();
    const response = await call;
    expect(response.status).toBe(503);
    await expect(response.json()).resolves.toMatchObject({ error: { code: 'interrupted' } });
    await stopped;
  });

  it('stops counting for its user when the account is disabled in the middle', async () => {
    const { person, client } = await newProgram(server);
    const model = held(server);
    const call = client.chat.completions.create({ model: 'test-model', messages: HI });
    await model;
    await server.get(UsersService).change(null, person.userId, { disabled: true });
    await expect(call).rejects.toMatchObject({ status: 401 });
    await whenUnkeptEnded(server, person);
  });

  it('[A1] may ask only the models of its user, and lists no others', async () => {
    const { person, client } = await newProgram(server);
    const admin = await server.signIn('Boss', 'admin');
    const restrict = (access: object | null) =>
      server.fetch('/api/admin/models', admin, {
        method: 'PUT',
        body: JSON.stringify({ model: 'other-model', access }),
      });
    expect((await restrict({ roles: ['admin'], userIds: [] })).status).toBe(200);
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['test-model']);
    const asked = client.chat.completions.create({ model: 'other-model', messages: HI });
    await expect(asked).rejects.toMatchObject({ status: 403, message: expect.stringContaining('other-model') });
    expect((await whenUnkeptEnded(server, person)).usage).toEqual([]);
    expect((await restrict(null)).status).toBe(200);
    await client.chat.completions.create({ model: 'other-model', messages: HI });
  });
});
