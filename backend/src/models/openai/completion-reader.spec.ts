import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { readCompletion } from './completion-reader.js';
import type { ReplyChunk } from '../reply-source.js';

const encoder = new TextEncoder();

/** A body that is read in these parts. */
const reads = (parts: readonly (string | Uint8Array)[]): Readable =>
  Readable.from(
    parts.map((part) => Buffer.from(part)).filter((part) => part.length > 0),
    { objectMode: false },
  );

async function read(parts: readonly (string | Uint8Array)[]): Promise<ReplyChunk[]> {
  const chunks: ReplyChunk[] = [];
  await readCompletion(reads(parts), (chunk) => chunks.push(chunk));
  return chunks;
}

const piece = (content: string): string => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
const finish = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n';
const counts = 'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\n';
const textOf = (chunks: readonly ReplyChunk[]): string => chunks.map(({ text }) => text).join('');

describe('the stream of a completion', () => {
  test('is the same text, wherever the network splits it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 8 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
        async (texts, sizes) => {
          const bytes = encoder.encode(`${texts.map(piece).join('')}${finish}data: [DONE]\n\n`);
          const parts: Uint8Array[] = [];
          for (let at = 0; at < bytes.length;) {
            const size = Number(sizes.next().value);
            parts.push(bytes.subarray(at, at + size));
            at += size;
          }
          const chunks = await read(parts);
          expect(textOf(chunks)).toBe(texts.join(''));
          expect(chunks.findLast(({ finishReason }) => finishReason)?.finishReason).toBe('stop');
        },
      ),
    );
  });

  test('yields one chunk for each read, an empty one for a read that brings no text', async () => {
    const chunks = await read([
      piece('a') + piece('b'),
      ': still here\n\n',
      'data: {"choices":',
      `[]}\n\n${piece('c')}${finish}`,
    ]);
    expect(chunks.map(({ text }) => text)).toEqual(['ab', '', '', 'c', '']);
  });

  test('may use any line end of the standard, comments and other fields', async () => {
    const chunks = await read([': hi\r\nid: 1\r\nevent: message\r\n' + piece('a').replaceAll('\n', '\r\n'), finish]);
    expect(textOf(chunks)).toBe('a');
  });

  test('ends with its end marker, whatever follows', async () => {
    expect(textOf(await read([`${piece('a')}data: [DONE]\n\n${piece('b')}`, piece('c')]))).toBe('a');
  });

  test('shows a refusal as text', async () => {
    const chunks = await read(['data: {"choices":[{"delta":{"refusal":"I cannot"}}]}\n\n', finish]);
    expect(textOf(chunks)).toBe('I cannot');
  });

  test('reports the last token counts, once and at the end', async () => {
    const early = counts.replace('2', '1');
    const chunks = await read([early, piece('a') + early, finish, counts, 'data: [DONE]\n\n']);
    expect(chunks.filter(({ usage }) => usage)).toEqual([{ text: '', usage: { inputTokens: 3, outputTokens: 2 } }]);
    expect(chunks.at(-1)?.usage).toBeDefined();
  });

  test.each<[string, string, string]>([
    ['nothing', '', 'model_bad_response'],
    ['a page', '<html></html>', 'model_bad_response'],
    ['broken JSON', 'data: {\n\n', 'model_bad_response'],
    ['a number', 'data: 1\n\n', 'model_bad_response'],
    ['an error object', 'data: {"error":{"code":"context_length_exceeded"}}\n\n', 'context_length'],
    ['an error event', 'event: error\ndata: {"message":"boom"}\n\n', 'model_unavailable'],
    ['an event without an end', `data: ${'x'.repeat(1_100_000)}`, 'model_bad_response'],
  ])('is an error when it holds %s', async (_name, body, code) => {
    await expect(read([body])).rejects.toMatchObject({ name: 'ModelError', code });
  });

  test('yields what came before an error, then fails', async () => {
    const chunks: ReplyChunk[] = [];
    const ended = readCompletion(reads([`${piece('a')}data: {"error":"boom"}\n\n`]), (chunk) => chunks.push(chunk));
    await expect(ended).rejects.toMatchObject({ code: 'model_unavailable' });
    expect(chunks).toMatchObject([{ text: 'a' }]);
  });
});

describe('the body of a completion', () => {
  const boom = new Error('reset');

  test('that failed before it was read is an error', async () => {
    const body = new PassThrough().on('error', () => undefined);
    body.destroy(boom);
    await turn();
    await expect(readCompletion(body, () => undefined)).rejects.toBe(boom);
  });

  test('that closes without an end or an error is an error', async () => {
    const body = new PassThrough();
    const ended = readCompletion(body, () => undefined);
    body.destroy();
    await expect(ended).rejects.toMatchObject({ code: 'model_unavailable', isTransient: true });
  });

  test('may fail after the end of the answer, even several times, without effect', async () => {
    const body = new PassThrough();
    const ended = readCompletion(body, () => undefined);
    body.write(`${piece('a')}${finish}data: [DONE]\n\n`);
    await ended;
    body.destroy(boom);
    body.emit('error', boom);
    await turn();
  });

  test('is closed when the sink throws, and the sink is not called again', async () => {
    const body = new PassThrough();
    let calls = 0;
    const ended = readCompletion(body, () => {
      calls += 1;
      throw boom;
    });
    body.write(piece('a') + counts);
    body.write(piece('b'));
    await expect(ended).rejects.toBe(boom);
    if (!body.closed) await once(body, 'close');
    expect(calls).toBe(1);
  });
});
