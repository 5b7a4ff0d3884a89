import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { render } from 'svelte/server';
import { describe, expect, it, vi } from 'vitest';
import { BlockStream } from './block-stream.ts';
import { MarkdownDocument } from '../drawing/markdown-document.svelte.ts';
import MarkdownBlocks from '../drawing/MarkdownBlocks.svelte';
import { parser } from '../parser/markdown-parser.ts';
import type { WindowSize } from './text-window.ts';
import type { Block } from '../token.types.ts';

// Long texts and many runs are slow on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const modules = new URL('../../../../../node_modules/', import.meta.url);
/** Long READMEs with tables, nested lists, reference links, raw HTML, and code in lists. */
const READMES = ['fast-check', 'qs', 'glob', 'nestjs-pino', 'tapable', 'markdown-it'];
const readme = (name: string): string => readFileSync(new URL(`${name}/README.md`, modules), 'utf8');

/** Texts whose meaning changes late: later text turns one construct into another. */
const TURNS = [
  'a\n===\nb\n---\n',
  '- a\n\n  b\n\n c\n\nd',
  '- a\n\n- b\n- c',
  '1. a\n   ```js\n   x\n   ```\n2. b',
  'a | b\n--|--\n1 | 2\n\nend',
  'text\na | b\n--|--\n1 | 2',
  '```js\nlet a;\n``` not closed\n````\nafter',
  '~~~\n```\n~~~\nafter',
  '```\nno end',
  '> a\nb\n\n> c\n',
  '[a] and [b][c]\n\n[a]: https://a.example\n[c]: https://c.example "title"\n',
  '> [a]: https://a.example\n\n[a]',
  '<a href="x">\n\nhttps://a.example and <a href="y"> https://b.example\n\nhttps://c.example',
  '<div>\n*a*\n</div>\n\n*b*',
  '<!-- a\n\nb -->\n\n*c*',
  '    code\n\n    more\n\ntext',
  'text\n$$\na\n- b\n= c\n$$\nafter',
  '$$\na\n- b\n\nnever closed',
  '- a\n  $$\n  b\n  - c\n  $$\n- d',
  '\\[\na\n=\nb\n\\]\n\n$$x$$ in a line',
  '- a $$\n- b',
  'line\r\nline\r\n\r\n- a\r- b\r',
  '# a\n## b\n\n\n\n* * *\n',
  '* a\n* * *\n* b',
  // Paragraph until its second line is complete, then a table.
  'a\nb\n--c',
  'a\n$$b$$ c\nd',
];

/** Texts that once lost content while they were streamed. */
const LOSSES = [
  'y\\[0] = 1\n\n```js\ncode\n```\n\n# After\n',
  'A $$k$$-regular graph\n\n# After\n\n- a\n- b\n',
  '设 $$x$$ 为\n\n```\ncode\n```\n',
  'a $$\n\n# b\n\nc',
  '$$\na\n\nb\n$$\n\n# After\n',
  '$$\na\n\nb\n\n# After\n',
  'x\n\\(a\n+ b\\)\n\n# After\n',
  '- y\\[0] = 1\n- $$\n  a\n  $$\n\n# After\n',
  '> a\n> \\[\n> b\n> \\]\n\n# After\n',
  'Text\n\n[^1]: A note\n\n    goes on\n\nText[^1] and [^2]\n',
  '<details>\n<summary>A</summary>\n\n- b\n\n</details>\n\nAfter\n',
  '<details>\n\n# never closed\n\nAfter\n',
  '````markdown\n```js\na\n```\n````\nAfter\n',
  '```markdown\n# T\n```js\na\n```\nb\n```\n\nAfter\n',
  '```md\n```js\na\n```\n\nAfter, with no second end\n',
  '[a]: http://a.example\n"a title\nover lines"\n\n[a]\n',
  '[a]: http://a.example\n"no title\nover lines\n\n[a]\n',
  '> [!NOTE]\n> a\n\n# After\n',
];

function stream(pieces: readonly string[], largest?: WindowSize, drawnParts?: number): BlockStream {
  const blocks = new BlockStream(largest, drawnParts);
  for (const piece of pieces) blocks.append(piece);
  blocks.finish();
  return blocks;
}

/** `text` cut at random: fast-check chooses the lengths, and shrinks to the shortest failing cut. */
function cut(text: string, lengths: readonly number[]): string[] {
  const pieces: string[] = [];
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const end = at + (lengths[turn % lengths.length] ?? 1);
    pieces.push(text.slice(at, end));
    at = end;
  }
  return pieces;
}

const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 200 });
/** Separated by `·`. */
const MARKS =
  '\n·\n\n· ·  ·    ·a·b c·#·- ·1. ·> ·*·**·_·`·```·```js\n·~~~·|·|-|·---·===·[·]·](·](http://a)·)·[x]: http://x·<·>·' +
  '<div>·</div>·<!--·-->·$·$$·\\(·\\)·\\[·\\]·\\·&amp;·- [ ] ·\r\n·\r';
const markup = fc.array(fc.constantFrom(...MARKS.split('·')), { maxLength: 60 }).map((parts) => parts.join(''));

/** Fragments that open constructs without closing them, with all kinds of line breaks between them. */
const NASTY =
  'y\\[0] = 1·A $$k$$-regular·设 $$x$$ 为·\\(a\n+b\\)·$$\n·\n$$·\\[\n·\n\\]·\\(·\\)·$x$·$·\n·\n\n·\n\n·\r\n· ·    ·\t·word·# ·===·---·' +
  '- ·1. ·> ·[^1]·[^1]: ·[^a]: b\n·[a]: http://a.example·"title·"·[a]·<details>·<details>\n<summary>s</summary>\n·</details>·<sub>·</sub>·' +
  '<!-- ·-->·```·```js\n·```markdown\n·````·~~~·> [!NOTE]\n> ·| a | b |\n·|--|--|\n·|·**·*·_·`·![·](·)·https://a.example/，·。·&amp;·\\';
const nasty = fc.array(fc.constantFrom(...NASTY.split('·')), { maxLength: 40 }).map((parts) => parts.join(''));

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

  it('any mixture of syntax', () => {
    fc.assert(
      fc.property(fc.oneof(markup, nasty), lengths, (text, sizes) => {
        expect(stream(cut(text, sizes)).settled).toEqual(stream([text]).settled);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('settled blocks', () => {
  it('are kept by reference', () => {
    const blocks = new BlockStream();
    blocks.append('# One\n\nTwo\n\nThree\n');
    const [first] = blocks.settled;
    expect(first).toBeDefined();
    for (const piece of cut('\nFour **five** six\n\n- seven\n', [2])) blocks.append(piece);
    expect(blocks.settled[0]).toBe(first);
  });

  /** All states of a text that arrives in pieces, and the result of the same text at once. */
  function expectNothingLost(text: string, sizes: readonly number[], largest?: WindowSize, drawn?: number): void {
    const blocks = new BlockStream(largest, drawn);
    const seen: Block[] = [];
    let sofar = '';
    for (const piece of cut(text, sizes)) {
      blocks.append(piece);
      sofar += piece;
      const raw = [...blocks.settled, ...blocks.open].map((block) => block.raw).join('');
      // A `\r` at the end is held back until its `\n` may have come.
      expect(raw).toBe(sofar.replace(/\r$/, '').replaceAll(/\r\n?/g, '\n'));
      for (const [index, block] of seen.entries()) expect(blocks.settled[index]).toBe(block);
      seen.push(...blocks.settled.slice(seen.length));
    }
    blocks.finish();
    // Only a reference link can still change how a settled block is drawn, never where it begins and ends.
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
        // Whether a formula is closed may be known before its line is complete, and so before the part is full.
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

describe('a long list', () => {
  const items = Array.from({ length: 60 }, (_, index) => `- item **${index}**\n  - below`);

  it.each([
    ['tight', items.join('\n')],
    ['loose', items.join('\n\n')],
    ['loose at last', `${items.join('\n')}\n\n- end`],
    ['ended by a paragraph', `${items.join('\n')}\n\nend\n`],
    ['ended by another list', `${items.join('\n')}\n1. end\n2. end`],
    ['with tasks and code', items.map((item) => item.replace('- ', '- [x] ') + '\n\n  ```\n  - x\n  ```').join('\n')],
  ])('%s: looks in every state like the same text at once', (_, text) => {
    expectShownAsWhole(text, 5);
  });
});

describe('a long block of code or HTML', () => {
  const lines = Array.from({ length: 40 }, (_, at) => `line ${at}`);
  const each = (begin: string): string => lines.map((line) => `${begin}${line}\n`).join('');

  it.each([
    ['a fence', `\`\`\`js\n${each('')}\`\`\`\n\nend\n`],
    ['a fence that is set in', `  ~~~\n${each('  ')}${each('\t')}${each(' ')}  ~~~\nend\n`],
    ['a fence without an end', `\`\`\`\n${each('')}\n\n`],
    ['Markdown with a fence in it', `\`\`\`md\n${each('')}\`\`\`js\n${each('')}\`\`\`\n${each('')}`],
    ['code that is set in', `${each('    ')}\n  \n${each(' \t')}    \n\nend\n`],
    ['HTML up to a blank line', `<div>\n${each('')} \n*end*\n`],
    ['HTML with an end of its own', `<pre>\n${each('')}\n\n${each('<b>')}</pre> x\n*end*\n`],
    ['a comment', `<!-- a\n${each('')}\n${each('')}-->\n*end*\n`],
    ['an instruction', ` <?php\n${each('')}\n${each('')}?>\n*end*\n`],
    ['a declaration', `<!DOCTYPE a\n\n${each('')}>\n*end*\n`],
    ['character data', `<![CDATA[\n${each('>')}\n${each('')}]]>\n*end*\n`],
  ])('%s: looks in every state like the same text at once', (_, text) => {
    expectShownAsWhole(text, 1);
  });

  it.each([
    ['HTML', '<div>\n', ''],
    ['a comment', '<!--\n', ''],
    ['code that is set in', '', '    '],
    ['a fence that is set in', ' ```\n', ' '],
  ])('%s: costs only as much as its new lines', (_, opening, begin) => {
    const text = opening + each(begin).repeat(50);
    const parse = vi.spyOn(parser.block, 'parse');
    const blocks = stream(cut(text, [1_000]));
    const looked = parse.mock.calls.reduce((sum, [source]) => sum + source.length, 0);
    parse.mockRestore();
    expect(blocks.settled).toHaveLength(1);
    expect(looked).toBeLessThan(4_000);
  });
});

/** Compares every state, or one per `every` characters, of a growing text with the same text at once. */
function expectShownAsWhole(text: string, every: number): void {
  const streamed = new BlockStream();
  for (let end = 0; end < text.length; end += 7) {
    streamed.append(text.slice(end, end + 7));
    if (end % every !== 0) continue;
    const whole = new BlockStream();
    whole.append(text.slice(0, end + 7));
    const shown = (blocks: BlockStream): unknown => [...blocks.settled, ...blocks.open].map(structureOf);
    expect(shown(streamed)).toEqual(shown(whole));
  }
  streamed.finish();
  expect(streamed.settled).toEqual(stream([text]).settled);
}

/** The visible content of a block, and its position. */
const structureOf = ({ id, raw, token }: Block): unknown => ({ id, raw, token });

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
