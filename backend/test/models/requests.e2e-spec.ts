import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ModelRequest, Turn } from '../../src/models/model-request.js';
import type { CompletionBody } from '../../testing/model/completion-request.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { refuses, says, type Script } from '../../testing/model/script.js';
import { ask, failure, logged, modelOf } from './ask.js';

let server: ModelServer;

beforeEach(async () => {
  server = await ModelServer.start();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

type Refuse = (body: CompletionBody) => object | false | 0 | undefined;

/** A server that refuses some requests, and answers the others. */
const strict =
  (refuse: Refuse, status = 400): Script =>
  (answer, received) => {
    const reason = refuse(received.body);
    return (reason ? refuses(status, reason) : says(['fine']))(answer, received);
  };

const roles = ({ messages }: CompletionBody): string[] => messages.map(({ role }) => role);
const twoQuestions: Turn[] = [
  { role: 'user', text: 'One' },
  { role: 'user', text: 'Two' },
];

interface Case {
  readonly name: string;
  readonly refuse: Refuse;
  readonly status?: number;
  readonly request?: Partial<ModelRequest>;
  /** How many requests the first question needs. */
  readonly requests?: number;
  readonly expected: object;
}

const cases: Case[] = [
  {
    name: 'stream_options',
    refuse: (body) => body.stream_options && { message: "Unrecognized request argument supplied: 'stream_options'" },
    expected: { stream: true },
  },
  {
    name: 'stream_options in a list of details',
    status: 422,
    refuse: (body) =>
      body.stream_options && {
        detail: [{ type: 'extra_forbidden', loc: ['body', 'stream_options'], msg: 'Extra inputs' }],
      },
    expected: { stream: true },
  },
  {
    name: 'streams',
    refuse: (body) => body.stream && { param: 'stream', code: 'unsupported_value', message: 'Verify to stream this.' },
    expected: { messages: [{ role: 'system' }, { role: 'user' }] },
  },
  {
    name: 'max_tokens, for a model whose name does not tell',
    refuse: (body) =>
      body.max_tokens && {
        code: 'unsupported_parameter',
        param: 'max_tokens',
        message: "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'.",
      },
    request: { settings: { maxOutputTokens: 9 } },
    expected: { max_completion_tokens: 9 },
  },
  {
    name: 'max_completion_tokens, for a model whose name suggests it',
    refuse: (body) => 'max_completion_tokens' in body && { message: 'unknown field: max_completion_tokens' },
    request: { model: 'o3-local', settings: { maxOutputTokens: 9 } },
    expected: { max_tokens: 9 },
  },
  {
    name: 'temperature by a code',
    refuse: (body) => body.temperature !== undefined && { code: 'unsupported_value', param: 'temperature' },
    request: { settings: { temperature: 2 } },
    expected: { messages: [{ role: 'system' }, { role: 'user' }] },
  },
  {
    name: 'temperature by a sentence',
    refuse: (body) =>
      body.temperature !== undefined && {
        message: "'temperature' does not support 2. Only the default (1) is supported.",
      },
    request: { settings: { temperature: 2, topP: 0.5 } },
    expected: { top_p: 0.5 },
  },
  {
    name: 'a system prompt',
    refuse: (body) => roles(body).includes('system') && { message: 'System role not supported' },
    expected: { messages: [{ role: 'user', content: 'Be brief.\n\nHello?' }] },
  },
  {
    name: 'a system prompt, in its template',
    status: 500,
    refuse: (body) =>
      roles(body).includes('system') && { message: 'Jinja Exception: Only user and assistant roles are supported!' },
    expected: { messages: [{ role: 'user', content: 'Be brief.\n\nHello?' }] },
  },
  {
    name: 'a system prompt but from a developer',
    refuse: (body) =>
      roles(body).includes('system') && {
        message: "'messages[0].role' does not support 'system'. Use the 'developer' role.",
      },
    expected: { messages: [{ role: 'developer' }, { role: 'user' }] },
  },
  {
    name: 'two questions in a row',
    refuse: (body) =>
      roles(body).some((role, index) => role === roles(body)[index - 1]) && {
        message: 'Conversation roles must alternate user/assistant/user/assistant/...',
      },
    request: { history: twoQuestions },
    expected: { messages: [{ role: 'system' }, { role: 'user', content: 'One\n\nTwo' }] },
  },
  {
    name: 'a system prompt, two questions in a row and stream_options',
    refuse: (body) =>
      (body.stream_options && { message: 'stream_options: extra fields not permitted' }) ||
      (roles(body).join() !== 'user' && { message: 'roles must alternate: user, assistant, user' }),
    request: { history: twoQuestions },
    requests: 4,
    expected: { messages: [{ role: 'user', content: 'Be brief.\n\nOne\n\nTwo' }] },
  },
];

describe('a server that refuses', () => {
  test.each(cases)(
    '$name gets a request without, and later ones at once',
    async ({ refuse, status, request, requests = 2, expected }) => {
      server.otherwise = strict(refuse, status);
      const model = modelOf(server, { systemPrompt: 'Be brief.', allowed: ['gpt-4.1', 'o3-local'] });
      expect(await ask(model, request)).toMatchObject({ texts: ['fine'], error: undefined });
      expect(server.requests).toHaveLength(requests);
      expect(server.requests.at(-1)?.body).toMatchObject(expected);
      expect(await ask(model, request)).toMatchObject({ texts: ['fine'], error: undefined });
      expect(server.requests).toHaveLength(requests + 1);
    },
  );

  test('a parameter is logged once, however many requests follow', async () => {
    server.otherwise = strict((body) => body.stream_options && { message: 'unknown field stream_options' });
    const model = modelOf(server);
    const lines = logged();
    for (let question = 0; question < 3; question += 1) await ask(model);
    expect(lines).toMatchObject([{ refused: 'stream_options', model: 'gpt-4.1' }]);
  });

  test('everything is not retried forever', async () => {
    server.otherwise = refuses(400, { message: 'stream_options, system role, temperature, max_tokens: not supported' });
    const { error } = await ask(modelOf(server), { settings: { temperature: 1, maxOutputTokens: 4 } });
    expect(error).toEqual(failure('model_settings'));
    expect(server.requests.length).toBeLessThan(9);
  });
});

describe('a system prompt is sent as a user message if it is refused', () => {
  test.each<[number, object]>([
    [400, { message: 'Unsupported role: system' }],
    [400, { message: 'Unknown role system' }],
    [400, { message: "role 'system' is not supported with this model" }],
    [400, { message: 'Developer instruction is not enabled for models/gemma-3-27b-it' }],
    [400, { message: 'Invalid request: system messages are not supported' }],
    [422, { detail: [{ loc: ['body', 'messages', 0, 'role'], msg: "Input should be 'user' or 'assistant'" }] }],
    [400, { message: "messages.0.role must be one of ['user', 'assistant']" }],
    [500, { message: 'Jinja Exception: Conversation roles must alternate user/assistant/user/assistant/...' }],
  ])('%i %j', async (status, body) => {
    server.otherwise = strict((asked) => (roles(asked).includes('system') ? body : undefined), status);
    expect((await ask(modelOf(server, { systemPrompt: 'Be brief.' }))).error).toBeUndefined();
    expect(server.requests.map((one) => roles(one.body))).toEqual([['system', 'user'], ['user']]);
  });
});

test.each([
  [400, { message: 'prompt is too long, its system prompt included' }, 'context_length'],
  [429, { message: 'too many system messages' }, 'model_rate_limited'],
  [400, { code: 'content_filter', message: 'The system prompt was flagged' }, 'model_refused'],
])(
  'a refusal for another reason changes nothing, although it mentions the system prompt: %i %j',
  async (status, body, code) => {
    server.otherwise = refuses(status, body, { 'retry-after': '60' });
    const model = modelOf(server, { systemPrompt: 'Be brief.' });
    expect((await ask(model)).error).toEqual(failure(code));
    expect(server.requests).toHaveLength(1);
    server.otherwise = says(['fine']);
    await ask(model);
    expect(server.requests).toHaveLength(2);
    expect(roles((await server.request(1)).body)).toEqual(['system', 'user']);
  },
);

describe('the shape of a request', () => {
  test('is plain for local servers, whatever the name of a model suggests', async () => {
    await ask(modelOf(server, { systemPrompt: 'Be brief.', allowed: ['o3-local'] }), { model: 'o3-local' });
    expect(roles((await server.request(0)).body)).toEqual(['system', 'user']);
  });

  test('has no system prompt if the installation has none', async () => {
    await ask(modelOf(server, { systemPrompt: '' }));
    expect(roles((await server.request(0)).body)).toEqual(['user']);
  });

  test('can be configured for one model or for all', async () => {
    const requests = new Map([
      ['gpt-4.1', { systemRole: 'user', limitName: 'max_completion_tokens', omit: ['stream_options', 'temperature'] }],
      ['*', { alternate: true, omit: ['max_tokens'] }],
    ] as const);
    const model = modelOf(server, {
      systemPrompt: 'Be brief.',
      allowed: ['gpt-4.1', 'other'],
      requests: new Map<string, object>(requests),
    });
    const settings = { temperature: 1, maxOutputTokens: 5 };
    await ask(model, { settings });
    await ask(model, { model: 'other', settings, history: twoQuestions });
    const [first, second] = server.requests.map(({ body }) => body);
    expect(first).toMatchObject({ max_completion_tokens: 5, messages: [{ role: 'user' }] });
    expect(Object.keys(first ?? {})).toEqual(
      expect.not.arrayContaining(['temperature', 'stream_options', 'max_tokens']),
    );
    expect(second).toMatchObject({
      temperature: 1,
      stream_options: {},
      messages: [{ role: 'system' }, { role: 'user' }],
    });
    expect(second).not.toHaveProperty('max_tokens');
  });
});
