import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { HumanMessage, SystemMessage } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateText, streamText } from 'ai';
import OpenAI from 'openai';
import { says } from '../../testing/model/script.js';
import { TestServer } from '../support/test-server.js';
import { createToken } from './programs.js';

const PIECES = ['It ', 'weaves ', 'algebraic ', 'patterns.'];
const REPLY = PIECES.join('');
const SYSTEM = 'Answer in one sentence.';
const QUESTION = 'What does the engine do?';
const COUNTS = { usage: { prompt_tokens: 21, completion_tokens: 4 } };

describe('with an address and a token alone, over /v1,', () => {
  let server: TestServer;
  let baseURL: string;
  let apiKey: string;
  beforeAll(async () => {
    server = await TestServer.start();
    baseURL = `${server.url}/v1`;
    apiKey = (await createToken(server, await server.signIn('Ada'), { scopes: ['chat'] })).token;
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** The messages that the model received last. */
  const received = () => server.model.requests.at(-1)?.body.messages;
  /** A model that sends each piece only after the client has received the one before: nothing may collect them. */
  const inSteps = () => {
    const steps = PIECES.map(() => Promise.withResolvers<void>());
    server.model.next(async (answer) => {
      for (const [at, piece] of PIECES.entries()) {
        await answer.text(piece);
        await steps[at]?.promise;
      }
      await answer.finish('stop');
      await answer.usage(COUNTS.usage);
      await answer.done();
    });
    return { arrived: (count: number) => steps[count - 1]?.resolve() };
  };
  const expected = [
    { role: 'system', content: SYSTEM },
    { role: 'user', content: QUESTION },
  ];

  describe('the client of OpenAI', () => {
    const client = () => new OpenAI({ baseURL, apiKey, maxRetries: 0 });
    const messages = [
      { role: 'system' as const, content: SYSTEM },
      { role: 'user' as const, content: QUESTION },
    ];

    it('reads one model, and refuses one that is not offered', async () => {
      expect(await client().models.retrieve('other-model')).toMatchObject({ id: 'other-model', object: 'model' });
      await expect(client().models.retrieve('nothing/here')).rejects.toMatchObject({
        status: 404,
        code: 'model_not_found',
        type: 'invalid_request_error',
      });
    });

    it('lists the models', async () => {
      const ids: string[] = [];
      for await (const { id } of client().models.list()) ids.push(id);
      expect(ids).toEqual(['test-model', 'other-model']);
    });

    it('gets the whole reply', async () => {
      server.model.next(says(PIECES, COUNTS));
      const { data, request_id } = await client()
        .chat.completions.create({ model: 'other-model', messages, temperature: 0.5, max_tokens: 50, stop: ['\n\n'] })
        .withResponse();
      expect(data).toMatchObject({
        object: 'chat.completion',
        model: 'other-model',
        choices: [{ message: { role: 'assistant', content: REPLY }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 21, completion_tokens: 4, total_tokens: 25 },
      });
      expect(request_id).toMatch(/^[\w-]{36}$/);
      expect(received()).toEqual(expected);
      expect(server.model.requests.at(-1)?.body).toMatchObject({
        model: 'other-model',
        temperature: 0.5,
        max_tokens: 50,
        stop: ['\n\n'],
      });
    });

    it('streams the reply, with the usage at its end if it asks for that', async () => {
      const live = inSteps();
      const stream = await client().chat.completions.create({
        model: 'test-model',
        messages,
        stream: true,
        stream_options: { include_usage: true },
      });
      const chunks = [];
      let pieces = 0;
      for await (const chunk of stream) {
        chunks.push(chunk);
        if (chunk.choices[0]?.delta.content) live.arrived((pieces += 1));
      }
      expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(REPLY);
      expect(pieces).toBe(PIECES.length);
      expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant');
      expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
      expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 25 } });
      expect(new Set(chunks.map(({ id, created }) => `${id} ${created}`)).size).toBe(1);

      server.model.next(says(PIECES, COUNTS));
      const plain = await client().chat.completions.create({ model: 'test-model', messages, stream: true });
      for await (const chunk of plain) expect(chunk).not.toHaveProperty('usage');
    });

    it('collects the stream with its own helper', async () => {
      server.model.next(says(PIECES, { ...COUNTS, finishReason: 'length' }));
      const final = await client().chat.completions.stream({ model: 'test-model', messages }).finalChatCompletion();
      expect(final.choices[0]).toMatchObject({ message: { content: REPLY }, finish_reason: 'length' });
    });
  });

  describe('ChatOpenAI of LangChain', () => {
    const model = () => new ChatOpenAI({ model: 'test-model', apiKey, maxRetries: 0, configuration: { baseURL } });
    const messages = [new SystemMessage(SYSTEM), new HumanMessage(QUESTION)];

    it('gets the whole reply', async () => {
      server.model.next(says(PIECES, COUNTS));
      const reply = await model().invoke(messages);
      expect(reply.text).toBe(REPLY);
      expect(reply.usage_metadata).toMatchObject({ input_tokens: 21, output_tokens: 4 });
      expect(received()).toEqual(expected);
    });

    it('streams the reply', async () => {
      const live = inSteps();
      const pieces: string[] = [];
      for await (const { text } of await model().stream(messages)) {
        if (text !== '') live.arrived(pieces.push(text));
      }
      expect(pieces).toEqual(PIECES);
    });
  });

  describe('the AI SDK', () => {
    const model = () => createOpenAICompatible({ name: 'lockstep', baseURL, apiKey, includeUsage: true })('test-model');

    it('gets the whole reply', async () => {
      server.model.next(says(PIECES, COUNTS));
      const { text, finishReason, usage } = await generateText({ model: model(), system: SYSTEM, prompt: QUESTION });
      expect([text, finishReason]).toEqual([REPLY, 'stop']);
      expect(usage).toMatchObject({ inputTokens: 21, outputTokens: 4 });
      expect(received()).toEqual(expected);
    });

    it('streams the reply', async () => {
      const live = inSteps();
      const { textStream, usage } = streamText({ model: model(), system: SYSTEM, prompt: QUESTION, maxRetries: 0 });
      const pieces: string[] = [];
      for await (const piece of textStream) live.arrived(pieces.push(piece));
      expect(pieces).toEqual(PIECES);
      expect(await usage).toMatchObject({ inputTokens: 21, outputTokens: 4 });
    });
  });
});
