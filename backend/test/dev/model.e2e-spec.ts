import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createParser } from 'eventsource-parser';
import { LanguageModel } from '../../src/models/language-model.js';
import { scaled } from '../../testing/pace.js';
import { type ServedLocalServices, serveLocalServices } from './serve-local-services.js';

let served: ServedLocalServices;
let baseUrl: string;

beforeAll(async () => {
  served = await serveLocalServices();
  baseUrl = served.config.models.baseUrl ?? '';
});
afterAll(async () => {
  await served[Symbol.asyncDispose]();
});

interface Chunk {
  readonly choices: readonly { readonly delta: { readonly content?: string }; readonly finish_reason: string | null }[];
  readonly usage?: { readonly completion_tokens: number };
}

/** Reads a stream event by event, as it is on the wire. */
async function streamed(message: string): Promise<{ pieces: string[]; usage: Chunk['usage']; last: string }> {
  const events: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => events.push(data) });
  parser.feed(await (await post({ ...asking(message), stream_options: { include_usage: true } })).text());
  const chunks = events.filter((data) => data !== '[DONE]').map((data) => JSON.parse(data) as Chunk);
  const pieces = chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta.content ?? '')).filter(Boolean);
  return { pieces, usage: chunks.find(({ usage }) => usage)?.usage, last: events.at(-1) ?? '' };
}

function post(body: object, signal?: AbortSignal): Promise<Response> {
  return fetch(`${baseUrl}/chat/completions`, { method: 'POST', body: JSON.stringify(body), signal: signal ?? null });
}

const asking = (content: string): object => ({ model: 'gpt-4.1', stream: true, messages: [{ role: 'user', content }] });

describe('the local model', () => {
  test('streams Markdown that says what it is and quotes the question', async () => {
    const { pieces } = await streamed('/fast How do I write a debounce function in TypeScript?');
    const text = pieces.join('');
    expect(text.split('\n')[0]).toMatch(/the local model.*OPENAI_API_KEY/);
    expect(text).toContain('> How do I write a debounce function in TypeScript?');
    expect(text).toContain('```typescript');
    expect(pieces.length).toBeGreaterThan(200);
  });

  test('gives the same answer to the same question, and different ones to others', async () => {
    const answers = await Promise.all(
      ['/fast Why is the sky blue?', '/fast Why is the sky blue?', '/fast Help me plan a trip'].map(streamed),
    );
    const [first, again, other] = answers.map(({ pieces }) => pieces.join(''));
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  test('streams at the speed of a real model by default', async () => {
    const stop = new AbortController();
    const response = await post(asking('Hello'), stop.signal);
    const start = performance.now();
    let events = 0;
    for await (const bytes of response.body ?? []) {
      events += Buffer.from(bytes).toString().split('data: ').length - 1;
      if (performance.now() - start > 1_250) break;
    }
    stop.abort();
    expect(events).toBeGreaterThan(15);
    expect(events).toBeLessThan(60);
  });

  test('counts with one number per token, and reports its own tokens', async () => {
    const { pieces, usage, last } = await streamed('/count 200 5000');
    expect(pieces).toHaveLength(200);
    expect(pieces.join('')).toBe(Array.from({ length: 200 }, (_, index) => index + 1).join(' '));
    expect(usage).toMatchObject({ completion_tokens: 200 });
    expect(last).toBe('[DONE]');
  });

  test('counts at the requested rate', async () => {
    const start = performance.now();
    await streamed('/count 50 100');
    expect(performance.now() - start).toBeGreaterThanOrEqual(480);
    expect(performance.now() - start).toBeLessThan(scaled(1_500));
  });

  test('echoes word by word', async () => {
    const { pieces } = await streamed('/echo Grüße  an 👩‍💻 alle');
    expect(pieces).toEqual(['Grüße', '  an', ' 👩‍💻', ' alle']);
  });

  test('writes as many sections as requested', async () => {
    const { pieces } = await streamed('/long 3');
    expect(pieces.join('').match(/^# Part \d of 3$/gm)).toHaveLength(3);
  });

  test.each([429, 500, 503])('fails with %i', async (status) => {
    const response = await post(asking(`/error ${status}`));
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { type: 'local_model_error' } });
  });

  test('ends without a reason, or resets, at the requested token', async () => {
    const truncated = await (await post(asking('/truncate 3 Hello'))).text();
    expect(truncated.match(/"content":"[^"]/g)).toHaveLength(3);
    expect(truncated).not.toContain('[DONE]');
    const response = await post(asking('/reset 3 Hello'));
    await expect(response.text()).rejects.toThrow('terminated');
  });

  test('stalls until the client disconnects', async () => {
    const stop = new AbortController();
    const response = await post(asking('/stall 0'), stop.signal);
    const whole = response.text();
    const first = await Promise.race([whole, new Promise((resolve) => setTimeout(resolve, 200, 'still waiting'))]);
    expect(first).toBe('still waiting');
    stop.abort();
    await expect(whole).rejects.toThrow('aborted');
  });

  test('answers with one document if no stream is requested', async () => {
    const response = await post({ ...asking('/count 5'), stream: false });
    expect(await response.json()).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { role: 'assistant', content: '1 2 3 4 5' }, finish_reason: 'stop' }],
      usage: { completion_tokens: 5 },
    });
  });

  test('sends usage in a stream only when asked', async () => {
    const request = asking('/count 2 1000');
    expect(await (await post(request)).text()).not.toContain('"usage"');
    expect(await (await post({ ...request, stream_options: { include_usage: true } })).text()).toContain(
      '"completion_tokens":2',
    );
  });

  test('lists the models of the configuration', async () => {
    expect(await (await fetch(`${baseUrl}/models`)).json()).toMatchObject({
      data: [{ id: 'gpt-4.1' }, { id: 'gpt-4o-mini' }],
    });
  });

  test('refuses an invalid request', async () => {
    expect((await post({ model: 'gpt-4.1' })).status).toBe(400);
    expect((await fetch(`${baseUrl}/chat/completions`, { method: 'POST', body: '{' })).status).toBe(400);
  });

  test('serves the language model of the server, replies and titles alike', async () => {
    const model = new LanguageModel(served.config);
    const { signal } = new AbortController();
    const history = [{ role: 'user', text: 'How do I write a debounce function?' }] as const;
    expect(await model.title({ model: 'gpt-4.1', history, requestId: 'r', signal })).toBe('Write a debounce function');
    let text = '';
    const counted = [{ role: 'user', text: '/count 300 10000' }] as const;
    await model.reply(
      { model: 'gpt-4.1', history: counted, requestId: 'r', signal },
      { text: (piece) => (text += piece), usage: () => undefined },
    );
    expect(text.split(' ')).toHaveLength(300);
  });
});
