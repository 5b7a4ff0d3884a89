import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SpokenText } from './spoken-text.js';

function spoken(pieces: readonly string[]): string {
  const text = new SpokenText();
  return pieces.map((piece) => text.push(piece)).join('') + text.flush();
}

const cases: [what: string, said: string, shown: string][] = [
  ['no thoughts', 'An answer, 1 < 2 and `a<b`.', 'An answer, 1 < 2 and `a<b`.'],
  ['thoughts at its beginning', '<think>\nhm, 3 > 2\n</think>\n\nSo.', 'So.'],
  ['thoughts behind empty lines', '\n\n<think>hm</think>So.', 'So.'],
  ['no thoughts, in a form of its own', '<think>\n\n</think>\n\nSo.', 'So.'],
  ['several thoughts', '<think>a</think>\n<think>b</think>\nSo.', 'So.'],
  ['thoughts by another name', '<thinking>hm</thinking> So.', ' So.'],
  ['thoughts of Gemini', '<thought>hm</thought>So.', 'So.'],
  ['thoughts of Seed', '<seed:think>hm</seed:think>So.', 'So.'],
  ['thoughts of Magistral', '[THINK]hm[/THINK]So.', 'So.'],
  ['thoughts of Kimi', '◁think▷hm◁/think▷So.', 'So.'],
  [
    'thoughts on a channel',
    '<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>So.',
    'So.',
  ],
  ['thoughts in capitals', '<Think>hm</THINK>So.', 'So.'],
  ['nothing but thoughts', '<think>hm</think>', ''],
  ['thoughts that never end', '<think>hm, and then', ''],
  ['thoughts on a line of their own', 'First.\n<think>\nhm\n</think>\nThen.', 'First.\n\nThen.'],
  ['thoughts in the middle of a line', 'First <think>hm</think>then.', 'First then.'],
  ['thoughts that break off later', 'First.\n<think>\nhm', 'First.\n'],
  ['a tag that is meant', 'It writes <think> first.', 'It writes <think> first.'],
  ['a tag in code', 'It writes `<think>` and `</think>`.', 'It writes `<think>` and `</think>`.'],
  ['tags in a block of code', '```xml\n<think>\na\n</think>\n```\n', '```xml\n<think>\na\n</think>\n```\n'],
  ['thoughts behind a block of code', '```\na\n```\n<think>hm</think>So.', '```\na\n```\nSo.'],
  ['thoughts behind a lonely backtick', "It's ` here.\n\n<think>hm</think>So.", "It's ` here.\n\nSo."],
  ['an end without a beginning', 'So.</think>', 'So.'],
  ['something like a tag', '<thin air> and <thinker> and <', '<thin air> and <thinker> and <'],
  ['HTML', '<div>\n<p>a</p></div>', '<div>\n<p>a</p></div>'],
  ['white space', ' \n ', ' \n '],
];

describe('what is shown of an answer', () => {
  test.each(cases)('with %s', (_what, said, shown) => {
    expect(spoken([said])).toBe(shown);
    expect(spoken([...said])).toBe(shown);
  });

  test('is the same, wherever the text is split', () => {
    const parts = fc.constantFrom(
      ...cases.flatMap(([, said]) => said.match(/<[^>]*>|`+|\n|[^<`\n]+/g) ?? []),
      '\n',
      '`',
      '```\n',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 10 }), fc.array(fc.nat(60), { maxLength: 8 }), (texts, cuts) => {
        const said = texts.join('');
        const ends = [...cuts, said.length].sort((a, b) => a - b);
        const pieces = ends.map((end, index) => said.slice(ends[index - 1] ?? 0, end));
        expect(spoken(pieces)).toBe(spoken([said]));
      }),
      { numRuns: 2_000 },
    );
  });

  test('is the whole text when nothing looks like a tag', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (pieces) => {
        const safe = pieces.map((piece) => piece.replaceAll(/[<[◁]/g, ''));
        expect(spoken(safe)).toBe(safe.join(''));
      }),
    );
  });

  test('comes at once, piece by piece', () => {
    const text = new SpokenText();
    expect(['<think>hm</think>\n\n', 'So', ' it', ' `is`', '.'].map((piece) => text.push(piece))).toEqual([
      '',
      'So',
      ' it',
      ' `is`',
      '.',
    ]);
  });
});
