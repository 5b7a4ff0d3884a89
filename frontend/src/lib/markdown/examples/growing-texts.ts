import fc from 'fast-check';
import { BlockStream } from '../lexing/block-stream.ts';
import type { WindowSize } from '../lexing/text-window.ts';

/** Texts whose meaning changes late: what looks like one thing turns out to be another. */
export const TURNS = [
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
  // A table as long as its second line is not complete.
  'a\nb\n--c',
  'a\n$$b$$ c\nd',
];

/** Texts that lost something while they arrived. */
export const LOSSES = [
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

export function stream(pieces: readonly string[], largest?: WindowSize, drawnParts?: number): BlockStream {
  const blocks = new BlockStream(largest, drawnParts);
  for (const piece of pieces) blocks.append(piece);
  blocks.finish();
  return blocks;
}

/** `text` cut at random: fast-check chooses the lengths, and finds the shortest cut that fails. */
export function cut(text: string, lengths: readonly number[]): string[] {
  const pieces: string[] = [];
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const end = at + (lengths[turn % lengths.length] ?? 1);
    pieces.push(text.slice(at, end));
    at = end;
  }
  return pieces;
}

export const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 200 });
/** Separated by `·`. */
const MARKS =
  '\n·\n\n· ·  ·    ·a·b c·#·- ·1. ·> ·*·**·_·`·```·```js\n·~~~·|·|-|·---·===·[·]·](·](http://a)·)·[x]: http://x·<·>·' +
  '<div>·</div>·<!--·-->·$·$$·\\(·\\)·\\[·\\]·\\·&amp;·- [ ] ·\r\n·\r';
export const markup = fc.array(fc.constantFrom(...MARKS.split('·')), { maxLength: 60 }).map((parts) => parts.join(''));

/** Fragments that begin something and leave it open, with line breaks of every kind between them. */
const NASTY =
  'y\\[0] = 1·A $$k$$-regular·设 $$x$$ 为·\\(a\n+b\\)·$$\n·\n$$·\\[\n·\n\\]·\\(·\\)·$x$·$·\n·\n\n·\n\n·\r\n· ·    ·\t·word·# ·===·---·' +
  '- ·1. ·> ·[^1]·[^1]: ·[^a]: b\n·[a]: http://a.example·"title·"·[a]·<details>·<details>\n<summary>s</summary>\n·</details>·<sub>·</sub>·' +
  '<!-- ·-->·```·```js\n·```markdown\n·````·~~~·> [!NOTE]\n> ·| a | b |\n·|--|--|\n·|·**·*·_·`·![·](·)·https://a.example/，·。·&amp;·\\';
export const nasty = fc.array(fc.constantFrom(...NASTY.split('·')), { maxLength: 40 }).map((parts) => parts.join(''));
