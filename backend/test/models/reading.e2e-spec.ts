import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { promisify } from 'node:util';
import { brotliCompress, createGzip, deflate, deflateRaw, gzip, zstdCompress } from 'node:zlib';
import { ask, failure, modelOf } from './ask.js';
import { ModelServer } from '../../testing/model/model-server.js';
import type { Script } from '../../testing/model/script.js';

let server: ModelServer;

beforeEach(async () => {
  server = await ModelServer.start();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

const event = (document: object): string => `data: ${JSON.stringify(document)}\n\n`;
const delta = (content: unknown, more: object = {}): string =>
  event({ choices: [{ index: 0, delta: { content }, ...more }] });
const stop = event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
const done = 'data: [DONE]\n\n';
const whole = (more: object = {}): object => ({
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Grüße, 日本' }, ...more }],
  usage: { prompt_tokens: 3, completion_tokens: 2 },
});

/** Sends bytes and ends the answer. */
const sends =
  (body: string | Uint8Array, headers: Record<string, string> = {}): Script =>
  async (answer) => {
    answer.head(headers);
    await answer.raw(body);
    answer.end();
  };

describe('an answer', () => {
  const plain = [delta('Grüße, '), delta('日本'), stop, done].join('');
  const shapes: [what: string, body: string, headers?: Record<string, string>][] = [
    ['lists of parts', [delta([{ type: 'text', text: 'Grüße' }, ', ']), delta('日本'), stop, done].join('')],
    [
      'choices that were not requested',
      [
        event({ choices: [{ index: 1, delta: { content: 'no' } }] }),
        event({
          choices: [
            { index: 2, delta: { content: 'no' } },
            { index: 0, delta: { content: 'Grüße, 日本' } },
          ],
        }),
        event({ choices: [{ index: 1, delta: {}, finish_reason: 'length' }] }),
        stop,
        done,
      ].join(''),
    ],
    [
      'pieces as messages',
      [
        event({ choices: [{ message: { content: 'Grüße, ' } }] }),
        event({ choices: [{ message: { content: '日本' } }] }),
        stop,
      ].join(''),
    ],
    [
      'its whole message at the end again',
      [delta('Grüße, '), delta('日本'), event(whole({ finish_reason: 'stop' })), done].join(''),
    ],
    ['a whole document', JSON.stringify(whole({ finish_reason: 'stop' })), { 'content-type': 'application/json' }],
    ['a whole document without a reason', JSON.stringify(whole())],
    ['a whole document on many lines', `\n${JSON.stringify(whole({ finish_reason: 'stop' }), undefined, 2)}\n`],
    ['one event with the whole document', event(whole({ finish_reason: 'stop' }))],
    ['one document on each line', plain.replaceAll(/data: |\n(?=\n)/g, '').replace('[DONE]\n', '')],
    ['no line end at its end', plain.trimEnd()],
    ['no empty lines at all', plain.replaceAll('\n\n', '\n')],
    [
      'pings',
      [
        delta('Grüße, '),
        'event: ping\ndata: ping\n\n',
        'event: heartbeat\ndata: {"type":"heartbeat"}\n\n',
        'data: \n\n',
        delta('日本'),
        stop,
        done,
      ].join(''),
    ],
    ['names for its events', plain.replaceAll('data:', 'event: completion.chunk\nid: 7\nretry: 100\ndata:')],
    ['a mark of its byte order', `\ufeff${plain}`],
    ['the line ends of Windows', plain.replaceAll('\n', '\r\n')],
    ['the line ends of old Macs', plain.replaceAll('\n', '\r')],
    ['no spaces', plain.replaceAll('data: ', 'data:')],
    ['no reason but an end marker', [delta('Grüße, 日本'), done].join('')],
    [
      'a reason in each event',
      [delta('Grüße, ', { finish_reason: 'stop' }), delta('日本', { finish_reason: 'stop' }), done].join(''),
    ],
  ];

  test.each(shapes.map(([what, body, headers = {}]) => ({ what, body, headers })))(
    'may have $what',
    async ({ body, headers }) => {
      server.next(sends(body, headers));
      const { texts, error } = await ask(modelOf(server));
      expect(error).toBeUndefined();
      expect(texts.join('')).toBe('Grüße, 日本');
    },
  );

  test('is read in every shape, wherever the network splits it', async () => {
    const model = modelOf(server);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...shapes),
        fc.array(fc.nat(600), { maxLength: 6 }),
        async ([, body, headers], cuts) => {
          const bytes = Buffer.from(body);
          const ends = [...cuts.filter((cut) => cut < bytes.length), bytes.length].sort((a, b) => a - b);
          server.next(async (answer) => {
            answer.head(headers);
            for (const [index, end] of ends.entries()) await answer.raw(bytes.subarray(ends[index - 1] ?? 0, end));
            answer.end();
          });
          const { texts, error } = await ask(model);
          expect(error).toBeUndefined();
          expect(texts.join('')).toBe('Grüße, 日本');
        },
      ),
      { numRuns: 150 },
    );
  });

  test.each<[string, (body: string) => Promise<Buffer>]>([
    ['gzip', promisify<string, Buffer>(gzip)],
    ['x-gzip', promisify<string, Buffer>(gzip)],
    ['deflate', promisify<string, Buffer>(deflate)],
    ['deflate', promisify<string, Buffer>(deflateRaw)],
    ['br', promisify<string, Buffer>(brotliCompress)],
    ['zstd', promisify<string, Buffer>(zstdCompress)],
    ['identity', (body) => Promise.resolve(Buffer.from(body))],
  ])('may be compressed with %s without a request', async (coding, compress) => {
    server.next(sends(await compress(plain), { 'content-encoding': coding }));
    const { texts, error } = await ask(modelOf(server));
    expect(error).toBeUndefined();
    expect(texts.join('')).toBe('Grüße, 日本');
    expect(server.requests[0]?.headers['accept-encoding']).toBe('identity');
  });

  test('that is compressed is streamed as it arrives', async () => {
    const seen = Promise.withResolvers<void>();
    server.next(async (answer) => {
      const zip = createGzip();
      answer.head({ 'content-encoding': 'gzip' });
      const ended = (async () => {
        for await (const bytes of zip) await answer.raw(bytes as Buffer);
        answer.end();
      })();
      zip.write(delta('Grüße, '));
      zip.flush();
      await seen.promise;
      zip.end(`${delta('日本')}${stop}${done}`);
      await ended;
    });
    let text = '';
    const sink = { text: (piece: string) => ((text += piece), seen.resolve()), usage: () => undefined };
    const signal = new AbortController().signal;
    const history = [{ role: 'user' as const, text: 'Hello?' }];
    await modelOf(server).reply({ model: 'gpt-4.1', history, requestId: 'one', signal }, sink);
    expect(text).toBe('Grüße, 日本');
  });

  test('that is compressed and cut off keeps its text, and fails as truncated', async () => {
    const bytes = await promisify<string, Buffer>(gzip)(delta('all of it') + delta('and more'.repeat(50)));
    server.otherwise = sends(bytes.subarray(0, bytes.length - 12), { 'content-encoding': 'gzip' });
    const { error } = await ask(modelOf(server));
    expect(error).toEqual(failure('model_truncated'));
  });

  test('with an unknown compression is a failure, and so is a compressed refusal', async () => {
    server.otherwise = sends(plain, { 'content-encoding': 'compress' });
    expect((await ask(modelOf(server))).error).toEqual(failure('model_bad_response'));
    const refusal = await promisify<string, Buffer>(gzip)('{"error":{"code":"context_length_exceeded"}}');
    server.otherwise = (answer) => answer.refuse(400, refusal, { 'content-encoding': 'gzip' });
    expect((await ask(modelOf(server))).error).toEqual(failure('context_length'));
  });

  test.each([
    ['with neither a reason nor an end marker', delta('half'), 'model_truncated'],
    ['in the middle of a document', JSON.stringify(whole()).slice(0, 60), 'model_truncated'],
    ['with an error instead of an event', `${delta('half')}event: error\ndata: overloaded`, 'model_unavailable'],
    ['with an error document', '{"error":{"message":"no","type":"rate_limit_error"}}', 'model_rate_limited'],
    ['with a bare error document', '{"object":"error","message":"no","code":401}', 'model_auth'],
  ])('may end early: %s', async (_what, body, code) => {
    server.otherwise = sends(body);
    expect((await ask(modelOf(server, { firstTokenMs: 2_500 }))).error).toEqual(failure(code));
  });

  test('has the usage that it reports, in any place', async () => {
    server.next(sends(JSON.stringify(whole({ finish_reason: 'stop' }))));
    expect((await ask(modelOf(server))).usage).toEqual({ inputTokens: 3, outputTokens: 2 });
  });
});
