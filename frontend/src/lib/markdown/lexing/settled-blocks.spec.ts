import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { BlockStream } from './block-stream.ts';
import { cut, lengths, LOSSES, markup, nasty, stream, TURNS } from '../examples/growing-texts.ts';
import type { WindowSize } from './text-window.ts';
import type { Block } from '../token.types.ts';

// Long texts and many runs; a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });

describe('settled blocks', () => {
  it('are kept by reference', () => {
    const blocks = new BlockStream();
    blocks.append('# One\n\nTwo\n\nThree\n');
    const [first] = blocks.settled;
    expect(first).toBeDefined();
    for (const piece of cut('\nFour **five** six\n\n- seven\n', [2])) blocks.append(piece);
    expect(blocks.settled[0]).toBe(first);
  });

  /** Everything that a text goes through, piece by piece, and what the same text is at once. */
  function expectNothingLost(text: string, sizes: readonly number[], largest?: WindowSize, drawn?: number): void {
    const blocks = new BlockStream(largest, drawn);
    const seen: Block[] = [];
    let sofar = '';
    for (const piece of cut(text, sizes)) {
      blocks.append(piece);
      sofar += piece;
      const raw = [...blocks.settled, ...blocks.open].map((block) => block.raw).join('');
      // A `\r` at the end waits for its `\n`.
      expect(raw).toBe(sofar.replace(/\r$/, '').replaceAll(/\r\n?/g, '\n'));
      for (const [index, block] of seen.entries()) expect(blocks.settled[index]).toBe(block);
      seen.push(...blocks.settled.slice(seen.length));
    }
    blocks.finish();
    // Only a reference link can still change what is drawn of a settled block, never where it begins and ends.
    for (const [index, { id, raw, token }] of seen.entries()) {
      expect(blocks.settled[index]).toMatchObject({ id, raw });
      if (!raw.includes('[')) expect(blocks.settled[index]?.token).toEqual(token);
    }
  }

  it.each([...TURNS, ...LOSSES])('with the open blocks are the whole text in every state: %j', (text) => {
    expectNothingLost(text, [1]);
  });

  it('with the open blocks are any text in every state, and do not change', () => {
    fc.assert(
      fc.property(fc.oneof(markup, nasty), lengths, (text, sizes) => {
        expectNothingLost(text, sizes);
      }),
      { numRuns: 2000 },
    );
  });

  it('are the same parts of a long block as with the same text at once', () => {
    const largest = fc.record({ length: fc.integer({ min: 8, max: 60 }), lines: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(fc.oneof(markup, nasty), lengths, largest, (text, sizes, size) => {
        expectNothingLost(text, sizes, size);
        expectNothingLost(text, sizes, size, 1);
        // Whether a formula is closed may be known before its line is whole, and so before the part is full.
        fc.pre(!/\$\$|\\\[/.test(text));
        expect(stream(cut(text, sizes), size).settled).toEqual(stream([text], size).settled);
      }),
      { numRuns: 2000 },
    );
  });

  it('are plain text from some line on in a block of thousands of lines, until it ends', () => {
    const rows = '1. a\n'.repeat(7_000);
    const { settled } = stream(cut(`${rows}\n# After\n`, [4_000]));
    const types = settled.map(({ token }) => token.type);
    expect(types.filter((type) => type === 'list').length).toBeLessThanOrEqual(21);
    expect(types.filter((type) => type === 'plain').length).toBeGreaterThan(2);
    expect(types.at(-1)).toBe('heading');
  });

  it('stay the same while a code block is open, which grows without the lexer', () => {
    const blocks = new BlockStream();
    blocks.append('Before\n\n```ts\n');
    blocks.append('const a = 1;\n# not a heading');
    expect(blocks.settled).toHaveLength(1);
    expect(blocks.open).toMatchObject([
      { isOpen: true, token: { type: 'code', info: 'ts', text: 'const a = 1;\n# not a heading' } },
    ]);
    blocks.append('\n```');
    blocks.append('\nAfter\n');
    expect(blocks.settled).toMatchObject([{}, { isOpen: false, token: { text: 'const a = 1;\n# not a heading' } }]);
  });
});
