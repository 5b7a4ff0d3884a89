import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { conversationStream } from '../../src/protocol/index.js';
import { refuses } from '../../testing/model/script.js';
import { begin, stateOf, whenEnded } from '../support/conversation.js';
import { TestServer } from '../support/test-server.js';
import { finish, held, HI, newProgram, post, rowsOf } from './calls.js';

describe('a call of a program that names a conversation', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start({ MAX_RUNS_PER_USER: '2', KEEP_ALIVE_MS: '40' });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it.each(['metadata', 'header'])('by its %s appears live in every tab of it', async (place) => {
    const { person, client } = await newProgram(server);
    const tabs = await Promise.all([server.connect(person), server.connect(person)]);
    const [tab] = tabs;
    if (!tab) throw new Error('no tab');
    const { conversationId, stream } = await begin(tab, 'Before');
    await whenEnded(tab, stream);
    for (const one of tabs) await one.subscribe(stream);
    const model = held(server);
    const body = { model: 'other-model', messages: [{ role: 'user' as const, content: 'Now' }], temperature: 0.5 };
    const call =
      place === 'metadata'
        ? client.chat.completions.create({ ...body, stream: true, metadata: { conversation_id: conversationId } })
        : client.chat.completions.create(
            { ...body, stream: true },
            { headers: { 'X-Conversation-Id': conversationId } },
          );
    const answer = await model;
    await answer.text('First');
    // Both tabs and the program have the first words before the model goes on.
    for (const one of tabs) {
      await one.event(stream, 'message.added', ({ message }) => message.text === 'Now');
      await one.event(stream, 'run.delta', ({ text }) => text === 'First');
    }
    let text = '';
    for await (const { choices } of await call) {
      text += choices[0]?.delta.content ?? '';
      if (text !== 'First') continue;
      await finish(answer, ' and last');
    }
    expect(text).toBe('First and last');
    const state = await whenEnded(tab, stream);
    expect(state.messages.map((message) => message.text)).toEqual(['Before', 'Hello, world!', 'Now', text]);
    expect(state.messages.at(-1)?.model).toBe('other-model');
    // The conversation keeps its own settings; those of the call are for one reply.
    expect(state.conversation.settings).toEqual({});
    const { messages, temperature } = server.model.requests.at(-1)?.body ?? {};
    expect(temperature).toBe(0.5);
    expect(messages?.map(({ content }) => content).slice(-3)).toEqual(['Before', 'Hello, world!', 'Now']);
  });

  it('goes on when the client disconnects [L9]', async () => {
    const { person, token } = await newProgram(server);
    const tab = await server.connect(person);
    const { conversationId, stream } = await begin(tab);
    await whenEnded(tab, stream);
    const model = held(server);
    const gone = new AbortController();
    const call = server.fetch(
      '/v1/chat/completions',
      { token },
      {
        method: 'POST',
        body: JSON.stringify({ model: 'test-model', messages: HI, metadata: { conversation_id: conversationId } }),
        signal: gone.signal,
      },
    );
    const answer = await model;
    await answer.text('Still ');
    gone.abort();
    await expect(call).rejects.toThrow(/abort/);
    await finish(answer, 'here');
    expect((await whenEnded(tab, stream)).messages.at(-1)).toMatchObject({ status: 'completed', text: 'Still here' });
  });

  it('starts it if the id is new, and belongs to its own user alone [A3]', async () => {
    const { person, client } = await newProgram(server);
    const other = await newProgram(server, 'Bob');
    const conversation_id = randomUUID();
    const body = { model: 'test-model', messages: HI, metadata: { conversation_id } };
    await client.chat.completions.create(body);
    const tab = await server.connect(person);
    const state = stateOf(await tab.subscribe(conversationStream(conversation_id)));
    expect(state.messages.map(({ text }) => text)).toEqual(['Hi', 'Hello, world!']);
    await expect(other.client.chat.completions.create(body)).rejects.toMatchObject({
      status: 404,
      code: 'not_found',
    });
  });

  it('is sent once, however often it comes with the same Idempotency-Key [L6]', async () => {
    const { person, token } = await newProgram(server);
    const conversation_id = randomUUID();
    const body = { model: 'test-model', messages: HI, metadata: { conversation_id } };
    const headers = { 'Idempotency-Key': 'job 1' };
    const first = (await (await post(server, token, body, headers)).json()) as OpenAI.ChatCompletion;
    const again = (await (await post(server, token, body, headers)).json()) as OpenAI.ChatCompletion;
    expect(again.choices).toEqual(first.choices);
    expect((await rowsOf(server, person)).messages).toBe(2);
    const other = { ...body, messages: [{ role: 'user', content: 'Something else' }] };
    expect((await post(server, token, other, headers)).status).toBe(409);
  });

  it('is refused while another reply is written there, and tells clients not to repeat a failed one', async () => {
    const { person, token, client } = await newProgram(server);
    const model = held(server);
    const tab = await server.connect(person);
    const { conversationId, stream } = await begin(tab);
    const answer = await model;
    const body = { model: 'test-model', messages: HI, metadata: { conversation_id: conversationId } };
    await expect(client.chat.completions.create(body)).rejects.toMatchObject({ status: 409, code: 'run_active' });
    await finish(answer, 'Done');
    await whenEnded(tab, stream);
    server.model.next(refuses(401));
    const failed = await post(server, token, body);
    expect([failed.status, failed.headers.get('x-should-retry')]).toEqual([502, 'false']);
  });
});
