import { describe, expect, it, vi } from 'vitest';
import { BlockStream } from './block-stream.ts';
import { cut, stream } from '../examples/growing-texts.ts';
import { parser } from '../parser/markdown-parser.ts';
import type { Block } from '../token.types.ts';

// Long texts and many runs take long on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

describe('a long list', () => {
  const items = Array.from({ length: 60 }, (_, index) => `- item **${index}**\n  - below`);

  it.each([
    ['tight', items.join('\n')],
    ['loose', items.join('\n\n')],
    ['loose at last', `${items.join('\n')}\n\n- end`],
    ['ended by a paragraph', `${items.join('\n')}\n\nend\n`],
    ['ended by another list', `${items.join('\n')}\n1. end\n2. end`],
    ['with tasks and code', items.map((item) => item.replace('- ', '- [x] ') + '\n\n  ```\n  - x\n  ```').join('\n')],
  ])('%s: is shown at every moment as if it were whole', (_, text) => {
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
  ])('%s: is shown at every moment as if it were whole', (_, text) => {
    expectShownAsWhole(text, 1);
  });

  it.each([
    ['HTML', '<div>\n', ''],
    ['a comment', '<!--\n', ''],
    ['code that is set in', '', '    '],
    ['a fence that is set in', ' ```\n', ' '],
  ])('%s: costs what its new lines cost', (_, opening, begin) => {
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
