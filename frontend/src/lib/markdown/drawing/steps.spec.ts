import { describe, expect, it, vi } from 'vitest';
import { BLOCKS } from '../examples/long-blocks.ts';
import { BlockStream } from '../lexing/block-stream.ts';
import { beginningOf } from '../lexing/block-beginning.ts';
import { MarkdownDocument, UNITS_A_STEP } from './markdown-document.svelte.ts';
import type { Block } from '../token.types.ts';

// Long texts are slow on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** How far one token may exceed the budget, since tokens are never cut: the longest line that `WorkBound` admits. */
const ONE_LINE = 10_000 / 25;
/** How much the lexer reads in one step: the open block and the new piece. */
const MOST_LEXED = 12_000 + 6_000;

/** Code keeps its whole text, however little of it is drawn. */
const asDrawn = (block: Block): Block =>
  block.token.type === 'code'
    ? { ...block, token: { ...block.token, text: block.token.text.slice(0, block.token.drawn) } }
    : block;

/** How much of these blocks is drawn, in units. */
function unitsOf(blocks: readonly Block[]): number {
  const budget = { left: Number.MAX_SAFE_INTEGER };
  beginningOf(blocks.map(asDrawn), budget);
  return Number.MAX_SAFE_INTEGER - budget.left;
}

describe('a long block is lexed and drawn in short steps', () => {
  it.each(Object.entries(BLOCKS))('%s', (_, source) => {
    const text = source.slice(0, 40_000);
    const append = vi.spyOn(BlockStream.prototype, 'append');
    const document = new MarkdownDocument(true);
    const drawn = new Map<number, number>();
    let steps = 0;
    do {
      document.show(text, false);
      steps += 1;
      let added = 0;
      for (const { id, drawn: blocks } of document.chunks) {
        const units = unitsOf(blocks);
        added += units - (drawn.get(id) ?? 0);
        drawn.set(id, units);
      }
      expect(added).toBeLessThanOrEqual(UNITS_A_STEP + ONE_LINE);
      // In the end everything near the reader, who is at the end of the text, is drawn.
      expect(steps).toBeLessThan(2_000);
    } while (document.isBehind);
    for (const [piece] of append.mock.calls) expect(piece.length).toBeLessThanOrEqual(MOST_LEXED);
    append.mockRestore();
    expect(document.chunks.at(-1)?.isWaiting ?? false).toBe(false);
  });
});

it('only the end of a long message is drawn at first, and other parts when they come near the view', () => {
  const text = 'A paragraph of some words.\n\n'.repeat(2_000);
  const document = new MarkdownDocument(true);
  const drawAll = (): void => {
    while (document.isBehind) document.show(text, false);
  };
  document.show(text, false);
  for (const chunk of document.chunks) document.want(chunk, false);
  drawAll();
  const isDrawn = (): number => document.chunks.filter(({ isWaiting }) => !isWaiting).length;
  expect(document.chunks.length).toBeGreaterThan(50);
  expect(isDrawn()).toBeLessThan(5);
  for (const chunk of document.chunks.slice(20, 30)) document.want(chunk, true);
  drawAll();
  expect(document.chunks.slice(20, 30).every(({ isWaiting }) => !isWaiting)).toBe(true);
  expect(isDrawn()).toBeLessThan(15);
});

it('thousands of definitions and blank lines are lexed as fast as other text', () => {
  const append = (text: string): number => {
    const blocks = new BlockStream();
    const startedAt = performance.now();
    for (let at = 0; at < text.length; at += 6_000) blocks.append(text.slice(at, at + 6_000));
    blocks.finish();
    return performance.now() - startedAt;
  };
  const lines = (line: (at: number) => string): string => Array.from({ length: 6_000 }, (_, at) => line(at)).join('');
  const usual = append(lines((at) => `A line ${at} of words that mean nothing.\n\n`));
  // These took more than 20 s once.
  expect(append(lines((at) => `[d${at}]: https://a.example/${at}\n`))).toBeLessThan(usual * 50 + 2_000);
  expect(append(`a${'\n'.repeat(150_000)}b`)).toBeLessThan(usual * 50 + 2_000);
});
