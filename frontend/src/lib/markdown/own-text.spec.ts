import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OwnPart, ownParts } from './own-text.ts';

const text = (words: string): OwnPart => ({ type: 'text', text: words });
const list = (...items: OwnPart[][]): OwnPart => ({
  type: 'list',
  isOrdered: false,
  items: items.map((parts) => ({ value: undefined, parts })),
});

describe('a text that the user wrote', () => {
  it.each([
    ['a **b** _c_ # d', [text('a **b** _c_ # d')]],
    ['# not a heading\nnext --> line ->> x', [text('# not a heading\nnext --> line ->> x')]],
    ['    indented();\n      more();', [text('    indented();\n      more();')]],
    [
      'Why?\n```js\n  a();\n\n# b\n```\nThanks',
      [text('Why?'), { type: 'code', info: 'js', text: '  a();\n\n# b' }, text('Thanks')],
    ],
    ['```\nnever closed', [{ type: 'code', info: '', text: 'never closed' }]],
    ['Do:\n- a *b*\n- c\nThanks', [text('Do:'), list([text('a *b*')], [text('c')]), text('Thanks')]],
    ['- a\n  goes on\n- b\n  - c\n  - d', [list([text('a\ngoes on')], [text('b'), list([text('c')], [text('d')])])]],
    ['- John', [text('- John')]],
    ['2024. That was it', [text('2024. That was it')]],
    ['- a\n- # b', [text('- a\n- # b')]],
    ['    - a\n    - b', [text('    - a\n    - b')]],
  ])('%j', (written, parts) => expect(ownParts(written)).toEqual(parts));

  it('keeps the numbers of lists', () => {
    expect(ownParts('3. a\n1. b\n7. c')).toMatchObject([
      { isOrdered: true, items: [{ value: 3 }, { value: 1 }, { value: 7 }] },
    ]);
  });

  it('is complete, whatever it contains', () => {
    const words = (parts: readonly OwnPart[]): string[] =>
      parts.flatMap((part): string[] => {
        if (part.type === 'list') return part.items.flatMap((item) => words(item.parts));
        return part.type === 'code' ? [part.info, part.text] : [part.text];
      });
    const pieces = fc.constantFrom(
      'word',
      '- ',
      '* ',
      '1. ',
      '```',
      '```js\n',
      '~~~',
      '\n',
      '\n\n',
      ' ',
      '    ',
      '> ',
      '# ',
      '|--|\n',
      '<b>',
      '$$',
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(pieces, fc.stringMatching(/^[a-z]{3,6}$/)), { maxLength: 30 }), (all) => {
        const shown = words(ownParts(all.flat().join(''))).join('\n');
        for (const [, word] of all) expect(shown).toContain(word);
      }),
      { numRuns: 1_000 },
    );
  });
});
