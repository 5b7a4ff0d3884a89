import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { render } from 'svelte/server';
import { describe, expect, it, vi } from 'vitest';
import { BlockStream } from './block-stream.ts';
import { MarkdownDocument } from '../drawing/markdown-document.svelte.ts';
import MarkdownBlocks from '../drawing/MarkdownBlocks.svelte';
import { cut, lengths, markup, nasty, stream, TURNS } from '../examples/growing-texts.ts';

// Long texts and many runs; a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });

const modules = new URL('../../../../../node_modules/', import.meta.url);
/** Long, and written by many hands: tables, nested lists, reference links, raw HTML, code in lists. */
const READMES = ['fast-check', 'qs', 'glob', 'nestjs-pino', 'tapable', 'markdown-it'];
const readme = (name: string): string => readFileSync(new URL(`${name}/README.md`, modules), 'utf8');

describe('a text in pieces ends like the same text at once', () => {
  it.each(READMES)(
    'the README of %s, as tokens and as HTML',
    (name) => {
      const text = readme(name);
      fc.assert(
        fc.property(lengths, (sizes) => {
          const pieces = cut(text, sizes);
          expect(stream(pieces).settled).toEqual(stream([text]).settled);
        }),
        { numRuns: 1 },
      );
      const streamed = new MarkdownDocument();
      const every = 97;
      for (let end = every; end < text.length; end += every) streamed.show(text.slice(0, end), true);
      const whole = new MarkdownDocument();
      for (const document of [streamed, whole]) {
        do document.show(text, false);
        while (document.isBehind);
      }
      const html = (document: MarkdownDocument): string => render(MarkdownBlocks, { props: { document } }).body;
      expect(html(streamed)).toBe(html(whole));
      expect(html(whole).length).toBeGreaterThan(text.length / 2);
    },
    60_000,
  );

  it.each(TURNS)('%j', (text) => {
    expect(stream(cut(text, [1])).settled).toEqual(stream([text]).settled);
  });

  it('an open formula in a line that may begin a table', () => {
    const text = '|$$\n\n1. #';
    expect(stream(cut(text, [1])).settled).toEqual(stream([text]).settled);
  });

  it.each(['```|\n---', '~~~|a\n|-|-', '<div>|- \n---|- ', '<!-- |\n---', '<pre>|a\n---|-|'])(
    'a first line of code or HTML that could be the head of a table: %j',
    (text) => {
      expect(stream(cut(text, [1])).settled).toEqual(stream([text]).settled);
    },
  );

  it('any mixture of syntax', () => {
    fc.assert(
      fc.property(fc.oneof(markup, nasty), lengths, (text, sizes) => {
        expect(stream(cut(text, sizes)).settled).toEqual(stream([text]).settled);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the open end is completed', () => {
  const shown = (text: string): unknown => {
    const blocks = new BlockStream();
    blocks.append(text);
    return blocks.open.at(-1)?.token;
  };

  it('closes emphasis', () => {
    expect(shown('a **b')).toMatchObject({ tokens: [{ type: 'text' }, { type: 'strong', tokens: [{ text: 'b' }] }] });
  });

  it('shows the text of a link before its URL is complete', () => {
    expect(shown('see [docs](https://exa')).toMatchObject({ tokens: [{ type: 'text', text: 'see docs' }] });
  });

  it('keeps the lines of an open formula in the formula', () => {
    expect(shown('Then\n$$\na\n- b')).toMatchObject({ type: 'formula', text: 'a\n- b' });
  });
});
