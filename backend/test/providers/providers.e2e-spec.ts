import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { ModelsConfig } from '../../src/config/config.js';
import type { LanguageModel } from '../../src/models/language-model.js';
import { ModelError } from '../../src/models/model-error.js';
import type { ModelRequest } from '../../src/models/model-request.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { ask as askOf, modelOf, type Outcome, request } from '../models/ask.js';
import { anthropicWire } from './wires/anthropic.wire.js';
import { geminiWire } from './wires/gemini.wire.js';
import { mistralWire } from './wires/mistral.wire.js';
import { ollamaWire } from './wires/ollama.wire.js';
import { openAiWire } from './wires/openai.wire.js';
import { type RefusalKind, REFUSALS } from './wires/wire.js';
import { WireServer, type WireScript } from './wires/wire-server.js';

const WIRES = [openAiWire, anthropicWire, geminiWire, mistralWire, ollamaWire];
const PIECES = ['Grüße, ', '日本', '!'];
const TEXT = PIECES.join('');

/** The code for each kind of refusal, whatever the provider. */
const CODES: Readonly<Record<RefusalKind, string>> = {
  'bad key': 'model_auth',
  'unknown model': 'model_unavailable',
  'unreadable request': 'model_bad_response',
  'too many requests': 'model_rate_limited',
  'no credit': 'model_quota',
  'too long': 'context_length',
  'mistake in the server': 'model_unavailable',
  overloaded: 'model_unavailable',
  temperature: 'completed',
};
const AGAIN: ReadonlySet<RefusalKind> = new Set(['too many requests', 'mistake in the server', 'overloaded']);

/** The result of each kind of answer, for the table that is printed. */
const table = new Map<string, Map<string, string>>();

describe.each(WIRES)('through $name', (wire) => {
  let server: WireServer;
  // Only needed by `modelOf`.
  let unused: ModelServer;
  let model: LanguageModel;

  const open = (changes: Partial<ModelsConfig> = {}): LanguageModel =>
    modelOf(unused, {
      allowed: [wire.model],
      requests: new Map([[wire.model, { baseUrl: `${server.url}${wire.path}` }]]),
      systemPrompt: 'Be brief.',
      ...changes,
    });

  /** Sends a question, and records the result in the table. */
  async function ask(
    kind: string,
    changes: Partial<ModelRequest> = {},
    asked = model,
  ): Promise<Outcome & { code: string }> {
    const outcome = await askOf(asked, { model: wire.model, ...changes });
    const code =
      outcome.error === undefined ? 'completed' : outcome.error instanceof ModelError ? outcome.error.code : 'internal';
    const row = table.get(kind) ?? new Map<string, string>();
    table.set(kind, row.set(wire.name, code));
    return { ...outcome, code };
  }

  const sends =
    (
      parts: readonly string[],
      then: (response: Parameters<WireScript>[0]) => unknown = (response) => response.end(),
    ): WireScript =>
    async (response) => {
      response.writeHead(200, { 'content-type': wire.contentType });
      for (const part of parts) {
        await new Promise<void>((resolve) => response.write(part, () => setImmediate(resolve)));
      }
      await then(response);
    };

  beforeAll(async () => {
    Object.assign(process.env, wire.env);
    unused = await ModelServer.start();
    server = await WireServer.start(wire);
    // Loading a package takes seconds here: not within the deadline of a test.
    await open().onModuleInit();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await unused[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    model = open();
    server.requests.length = 0;
  });

  test('an answer is complete, with its usage', async () => {
    server.script = sends(wire.answer(PIECES, 'stop'));
    const { texts, usage, code } = await ask('an answer');
    expect(code).toBe('completed');
    expect(texts.join('')).toBe(TEXT);
    expect(usage).toEqual({ inputTokens: 7, outputTokens: PIECES.length });
    expect(server.requests[0]?.texts.join(' ')).toContain('Be brief.');
    expect(server.requests[0]?.texts.join(' ')).toContain('Hello?');
  });

  test('an answer may be split anywhere by the network', async () => {
    const bytes = Buffer.from(wire.answer(PIECES, 'stop').join(''));
    server.script = async (response) => {
      response.writeHead(200, { 'content-type': wire.contentType });
      for (let at = 0; at < bytes.length; at += 7) {
        await new Promise<void>((resolve) => response.write(bytes.subarray(at, at + 7), () => setImmediate(resolve)));
      }
      response.end();
    };
    const { texts, code } = await ask('an answer in small pieces');
    expect(code).toBe('completed');
    expect(texts.join('')).toBe(TEXT);
  });

  test('an answer without a finish reason fails as truncated', async () => {
    server.script = sends(wire.answer(PIECES, 'nothing'));
    const { texts, code } = await ask('an end without a reason');
    expect(texts.join('')).toBe(TEXT);
    expect(code).toBe('model_truncated');
  });

  test('an answer whose connection is cut keeps its text and does not crash the process', async () => {
    server.script = sends(wire.answer(PIECES, 'nothing'), async (response) => {
      await delay(20);
      response.socket?.resetAndDestroy();
    });
    const { texts, code } = await ask('a cut connection');
    expect(texts.join('')).toBe(TEXT);
    expect(code).toBe('model_unavailable');
    // Errors that the package does not await would have been thrown by now.
    await delay(50);
  });

  test.each([
    ['a limit', 'limit', 'model_length'],
    ['a filter', 'refused', 'model_refused'],
    ['an error in the middle', 'error', 'model_unavailable'],
  ] as const)('an answer may end by %s', async (kind, ending, code) => {
    server.script = sends(wire.answer(PIECES, ending));
    const outcome = await ask(kind);
    expect(outcome.texts.join('')).toBe(TEXT);
    // Gemini's package ignores anything that is not an answer: only the missing finish reason is left.
    expect(outcome.code).toBe(wire === geminiWire && ending === 'error' ? 'model_truncated' : code);
  });

  test('an answer without text is a failure', async () => {
    server.script = sends(wire.answer([''], 'stop'));
    expect((await ask('no text')).code).toBe('model_empty');
  });

  test('reasoning is a sign of life, and is not part of the reply', async () => {
    server.script = async (response) => {
      response.writeHead(200, { 'content-type': wire.contentType });
      for (const part of [...wire.thoughts('secret'), ...wire.answer(PIECES, 'stop')]) {
        response.write(part);
        await delay(120);
      }
      response.end();
    };
    const patient = open({ firstTokenMs: 400, betweenTokensMs: 400 });
    const { texts, code } = await ask('thoughts', {}, patient);
    expect(code).toBe('completed');
    expect(texts.join('').trim()).toBe(TEXT);
  });

  test('an answer that stalls is aborted, and its connection closed', async () => {
    server.script = sends(wire.answer(PIECES, 'nothing'), () => undefined);
    const { texts, code } = await ask('silence', {}, open({ betweenTokensMs: 250 }));
    expect(texts.join('')).toBe(TEXT);
    expect(code).toBe('model_timeout');
    await server.closed;
  });

  test('an answer that does not begin is aborted, and its connection closed', async () => {
    server.script = () => undefined;
    expect((await ask('no beginning', {}, open({ firstTokenMs: 300 }))).code).toBe('model_timeout');
    await server.closed;
  });

  test('a stop closes the connection at once', async () => {
    server.script = sends(wire.answer(PIECES, 'nothing'), () => undefined);
    const stop = new AbortController();
    const reason = new Error('stopped');
    const sink = { text: () => stop.abort(reason), usage: () => undefined };
    await expect(model.reply(request({ model: wire.model, signal: stop.signal }), sink)).rejects.toBe(reason);
    await server.closed;
  });

  if (wire.ping !== '') {
    test('signs of life extend the time limit', async () => {
      server.script = async (response) => {
        response.writeHead(200, { 'content-type': wire.contentType });
        for (let ping = 0; ping < 5; ping += 1) {
          response.write(wire.ping);
          await delay(120);
        }
        for (const part of wire.answer(PIECES, 'stop')) response.write(part);
        response.end();
      };
      expect((await ask('signs of life', {}, open({ firstTokenMs: 400 }))).code).toBe('completed');
    });
  }

  test.each(REFUSALS)('%s gets its code', async (kind) => {
    const { status, body } = wire.refusal(kind);
    server.script = async (response, { temperature }) => {
      if (kind === 'temperature' && temperature === undefined)
        return sends(wire.answer(PIECES, 'stop'))(response, { temperature, texts: [] });
      response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '0' }).end(JSON.stringify(body));
    };
    const { code, error } = await ask(kind, { settings: { temperature: 0.5 } });
    expect(code).toBe(CODES[kind]);
    expect(server.requests).toHaveLength(kind === 'temperature' ? 2 : AGAIN.has(kind) ? 3 : 1);
    if (error instanceof ModelError) expect(error.details['status']).toBe(status);
    expect(JSON.stringify(error ?? '')).not.toMatch(/Hello|boom|credit balance/);
  });

  test.each([402, 404, 429, 500, 502, 503])('an HTML page gets the code of its status: %i', async (status) => {
    server.script = (response) =>
      void response.writeHead(status, { 'content-type': 'text/html' }).end('<html>no</html>');
    const codes: Record<number, string> = { 402: 'model_quota', 404: 'model_unavailable', 429: 'model_rate_limited' };
    expect((await ask(`a page with ${status}`)).code).toBe(codes[status] ?? 'model_unavailable');
  });

  test('no server listens', async () => {
    const gone = await WireServer.start(wire);
    const baseUrl = `${gone.url}${wire.path}`;
    await gone[Symbol.asyncDispose]();
    const unreachable = open({ requests: new Map([[wire.model, { baseUrl }]]) });
    expect((await ask('no server', {}, unreachable)).code).toBe('model_unavailable');
  });

  afterEach(() => {
    server.script = (response) => void response.end();
  });
});

afterAll(() => {
  const names = WIRES.map(({ name }) => name);
  const rows = [...table].map(([kind, row]) => [kind, ...names.map((name) => row.get(name) ?? '')]);
  const all = [['', ...names], ...rows];
  const widths = ['', ...names].map((_name, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  process.stdout.write(`\n${lines.join('\n')}\n\n`);
});
