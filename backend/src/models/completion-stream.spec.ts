import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Readable } from 'node:stream';
import { type CompletionChunk, readCompletion } from './completion-stream.js';

const encoder = new TextEncoder();

const reads = (parts: readonly (string | Uint8Array)[]): Readable =>
  Readable.from(
    parts.map((part) => Buffer.from(part)).filter((part) => part.length > 0),
    { objectMode: false },
  );

async function read(parts: readonly (string | Uint8Array)[]): Promise<CompletionChunk[]> {
  const chunks: CompletionChunk[] = [];
  for await (const chunk of readCompletion(reads(parts))) chunks.push(chunk);
  return chunks;
}

const piece = (content: string): string => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
const finish = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n';
const textOf = (chunks: CompletionChunk[]): string =>
  chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');

describe('the stream of a completion', () => {
  test('is the same text wherever the network cuts it', async () => {
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
          expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
        },
      ),
    );
  });

  test('yields one chunk for each read, and none for a read that completes no event', async () => {
    const chunks = await read([piece('a') + piece('b'), ': still here\n\n', piece('c') + finish]);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content)).toEqual(['ab', 'c']);
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
    const chunks = readCompletion(reads([`${piece('a')}data: {"error":"boom"}\n\n`]));
    expect((await chunks.next()).value).toMatchObject({ choices: [{ delta: { content: 'a' } }] });
    await expect(chunks.next()).rejects.toMatchObject({ code: 'model_unavailable' });
  });
});
