import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spokenSentences } from './spoken-sentences.ts';

const speak = (text: string, isWhole = true) => spokenSentences(text, 0, isWhole, 'code block', 'en').sentences;

describe('the spoken sentences of a reply', () => {
  it.each([
    ['One. Two! Three?', ['One.', 'Two!', 'Three?']],
    ['It costs 3.50 today. Cheap.', ['It costs 3.50 today.', 'Cheap.']],
    ['# A heading\n\nA sentence.', ['A heading', 'A sentence.']],
    ['- **First** point\n- `second` point\n- [x] done', ['First point', 'second point', 'done']],
    ['1. Begin\n2. End', ['Begin', 'End']],
    ['See [the page](https://example.com/a_b) for *more*.', ['See the page for more.']],
    ['> Quoted words.', ['Quoted words.']],
    ['A snake_case name.', ['A snake_case name.']],
    ['| Name | Age |\n| --- | --- |\n| Ada | 36 |', ['Name Age', 'Ada 36']],
    ['Look:\n\n```ts\nconst a = 1. ;\n```\n\nDone.', ['Look:', 'code block', 'Done.']],
    ['~~~\n```\n~~~\nDone.', ['code block', 'Done.']],
    ['```\nnever closed', ['code block']],
    ['***\n\n---', []],
  ])('%j', (text, sentences) => expect(speak(text)).toEqual(sentences));
});

it('waits until a sentence cannot grow any more', () => {
  expect(speak('One. Tw', false)).toEqual(['One.']);
  // The number may become 3.50.
  expect(speak('It costs 3.', false)).toEqual([]);
  expect(speak('A whole line\n', false)).toEqual(['A whole line']);
});

it('waits until a block of code is closed', () => {
  expect(speak('Look:\n```\na. b. c.\n', false)).toEqual(['Look:']);
  expect(speak('Look:\n```\na. b. c.\n```\n', false)).toEqual(['Look:', 'code block']);
});

it('says each word of a growing text once and in order, however it is cut', () => {
  const text =
    'First, one thing. Then **another** one!\n\n- a point\n- and a last one.\n\n```\nx = 1.\n```\n\nThe end.';
  const cuts = fc.uniqueArray(fc.nat(text.length), { maxLength: 20 });
  const words = (sentences: readonly string[]): string => sentences.join(' ').replaceAll(/\s+/g, ' ');
  fc.assert(
    fc.property(cuts, (unordered) => {
      const said: string[] = [];
      let start = 0;
      for (const cut of unordered.toSorted((a, b) => a - b)) {
        const { sentences, end } = spokenSentences(text.slice(0, cut), start, false, 'code block', 'en');
        said.push(...sentences);
        start = end;
      }
      said.push(...spokenSentences(text, start, true, 'code block', 'en').sentences);
      expect(words(said)).toBe(words(speak(text)));
    }),
  );
});

it('is fast for any text, and says all of it', () => {
  for (const piece of ['[', '*a ', 'word ', '```\n', '| a ', '- ', '\n', '> ', '_']) {
    const text = piece.repeat(50_000);
    const startedAt = performance.now();
    expect(spokenSentences(text, 0, true, 'Code block.').end).toBe(text.length);
    expect(performance.now() - startedAt).toBeLessThan(4_000);
  }
  const { sentences } = spokenSentences('word '.repeat(2_000), 0, true, 'Code block.');
  expect(sentences.join(' ').match(/word/g)).toHaveLength(2_000);
});

it('recognises a fence that begins where a long sentence is cut', () => {
  const text = `${'a'.repeat(1_990)}\n\n\`\`\`js\nlet b;\n\`\`\`\nAfter that.\n`;
  expect(spokenSentences(text, 0, true, 'Code block.').sentences.slice(1)).toEqual(['Code block.', 'After that.']);
});
