import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LanguageModel } from '../../src/models/language-model.js';
import { ModelServer } from '../../testing/model/model-server.js';
import type { Script } from '../../testing/model/script.js';
import { ask, failure, modelOf } from '../models/ask.js';

const FOLDER = 'backend/test/providers/recordings';
const ENDING = '.chunks.txt';
const names = readdirSync(FOLDER)
  .filter((name) => name.endsWith(ENDING))
  .map((name) => name.slice(0, -ENDING.length));
const linesOf = (name: string): string[] =>
  readFileSync(join(FOLDER, `${name}${ENDING}`), 'utf8')
    .split('\n')
    .filter((line) => line !== '');

interface Chunk {
  readonly choices: readonly { readonly delta: { readonly content?: string | null } }[];
  readonly usage?: object | null;
}

/** The text of a recording without its reasoning, extracted without the server's code. */
const saidIn = (name: string): string =>
  linesOf(name)
    .map((line) => (JSON.parse(line) as Chunk).choices[0]?.delta.content ?? '')
    .join('');

/** How the events may be formatted on the wire. */
const settings = {
  usual: (lines: string[]) => [...lines, '[DONE]'].map((line) => `data: ${line}\n\n`).join(''),
  'without an end marker': (lines: string[]) =>
    lines
      .map((line) => `data: ${line}\n\n`)
      .join('')
      .trimEnd(),
  'with the line ends of Windows': (lines: string[]) =>
    [...lines, '[DONE]'].map((line) => `data:${line}\r\n\r\n`).join(''),
  'with pings': (lines: string[]) =>
    [...lines, '[DONE]'].map((line) => `: ping\n\nevent: ping\ndata: ping\n\ndata: ${line}\n\n`).join(''),
  'one on each line': (lines: string[]) => lines.join('\n'),
};

const cutAt =
  (body: string, cuts: readonly number[]): Script =>
  async (answer) => {
    answer.head();
    const bytes = Buffer.from(body);
    const ends = [...cuts.map((cut) => cut % bytes.length), bytes.length].sort((a, b) => a - b);
    for (const [index, end] of ends.entries()) {
      const part = bytes.subarray(ends[index - 1] ?? 0, end);
      if (part.length > 0) await answer.raw(part);
    }
    answer.end();
  };

describe('the recorded stream of a provider', () => {
  let server: ModelServer;
  let model: LanguageModel;
  beforeAll(async () => {
    server = await ModelServer.start();
    model = modelOf(server);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test.each(names)('has the same text wherever it is split: %s', async (name) => {
    const lines = linesOf(name);
    const said = saidIn(name);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.values(settings)),
        fc.array(fc.nat(), { maxLength: 12 }),
        async (set, cuts) => {
          server.next(cutAt(set(lines), cuts));
          const { texts, usage, error } = await ask(model);
          expect(texts.join('')).toBe(said);
          // An answer that only calls a tool has no text.
          expect(error).toEqual(said === '' ? failure('model_empty') : undefined);
          expect(usage?.outputTokens).toBeGreaterThan(0);
        },
      ),
      { numRuns: 12 },
    );
  });

  test.each(names.filter((name) => saidIn(name) !== ''))('fails as truncated when it ends early: %s', async (name) => {
    const lines = linesOf(name);
    const end = lines.findIndex((line) => /"finish_reason":"/.test(line));
    const half = lines.slice(0, end).map((line) => `data: ${line}\n\n`);
    // Also for the retry, since there was no text yet.
    server.otherwise = cutAt(half.join(''), []);
    expect(await ask(model)).toMatchObject({ error: failure('model_truncated') });
  });

  test('adds reasoning tokens that are counted separately', async () => {
    server.next(cutAt(settings.usual(linesOf('xai-text')), []));
    expect((await ask(model)).usage).toEqual({ inputTokens: 12, outputTokens: 291 });
  });
});
