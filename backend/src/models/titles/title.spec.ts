import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cleanTitle, titlePrompt } from './title.js';

describe('a clean title', () => {
  test.each([
    ['"Planning a trip"', 'Planning a trip'],
    ['  **Tea, explained**  \n\nAnything else?', 'Tea, explained'],
    ['# Title: «Réserver un train».', 'Réserver un train'],
    ['「夜の散歩」', '夜の散歩'],
    ['Using `npm` with **care**', 'Using npm with care'],
    ['[Docs](https://a.example) of snake_case', 'Docs of snake_case'],
    ['<think>\nThe user wants…\n</think>\nSorting lists', 'Sorting lists'],
    ['Two\twords\u0007', 'Two words'],
    ['What is C#', 'What is C#'],
    ['<think>never ends', ''],
    ['""', ''],
  ])('is made of %j', (answer, title) => {
    expect(cleanTitle(answer)).toBe(title);
  });

  test('is cut between two words', () => {
    const title = cleanTitle('word '.repeat(40));
    expect(title).toMatch(/^(word )+word…$/);
    expect(title.length).toBeLessThanOrEqual(80);
  });

  test('is one line of well-formed text with 80 units at most, whatever the model says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (answer) => {
        const title = cleanTitle(answer);
        expect(title.length).toBeLessThanOrEqual(80);
        expect(title).not.toMatch(/[\r\n\p{Cc}]/u);
        expect(title.isWellFormed()).toBe(true);
        expect(title.trim()).toBe(title);
      }),
    );
  });
});

test('the prompt for a title contains only the beginning of the conversation', () => {
  const history = [
    { role: 'user', text: `first ${'x'.repeat(5_000)}` },
    { role: 'assistant', text: 'second' },
    { role: 'user', text: 'third' },
  ] as const;
  const [, quoted] = titlePrompt(history);
  expect(quoted?.text).toContain('user: first');
  expect(quoted?.text).toContain('assistant: second');
  expect(quoted?.text).not.toContain('third');
  expect(quoted?.text.length).toBeLessThan(2_100);
});
