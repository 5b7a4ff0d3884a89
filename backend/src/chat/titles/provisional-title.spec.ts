import { describe, expect, it } from '@jest/globals';
import { provisionalTitle } from './provisional-title.js';

describe('provisionalTitle', () => {
  it('takes the first line', () => {
    expect(provisionalTitle('  Plan a trip\nto Rome')).toBe('Plan a trip');
  });

  it.each([
    ['a\u202eb', 'ab'],
    ['\u200b\nHello', 'Hello'],
    ['\u200b', '…'],
  ])('takes %j as %j: it is shown beside others', (text, title) => {
    expect(provisionalTitle(text)).toBe(title);
  });

  it.each([
    ['**Fix** the `npm test` run', 'Fix the npm test run'],
    ['# Plan\nmore', 'Plan'],
    ['```js\nlet a;\n```', 'let a;'],
    ['```', '```'],
    ['---', '---'],
  ])('takes %j as %j: marks of Markdown are no words', (text, title) => {
    expect(provisionalTitle(text)).toBe(title);
  });

  it('shortens at a word', () => {
    const title = provisionalTitle('word '.repeat(30));
    expect(title).toMatch(/^(word ){10,11}word…$|^(word ?){11,12}…$/);
    expect(title.length).toBeLessThanOrEqual(60);
  });

  it('does not split a character when there is no space to cut at', () => {
    const title = provisionalTitle('😀'.repeat(80));
    expect(title.isWellFormed()).toBe(true);
    expect([...title]).toHaveLength(60);
  });
});
