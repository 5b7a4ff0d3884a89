import { describe, expect, it } from '@jest/globals';
import { withoutMarkdown } from './without-markdown.js';
import { scaled } from '../../../testing/pace.js';

describe('a line without the marks of Markdown', () => {
  it.each([
    ['**Fix** the `npm test` run', 'Fix the npm test run'],
    ['## A *good* title', 'A good title'],
    ['How to use [the docs](https://a.example/b_(c) "d")', 'How to use the docs'],
    ['![Logo](a.png) of ~~old~~ Lockstep', 'Logo of old Lockstep'],
    ['See <https://a.example>', 'See https://a.example'],
    ['H<sub>2</sub>O and <b>more</b>', 'H2O and more'],
    ['> - quoted', 'quoted'],
    ['**重点：**后面', '重点：后面'],
    ['``a`b`` here', 'a`b here'],
    ['_an emphasis_ here', 'an emphasis here'],
    ['\\*not\\* bold', '*not* bold'],
    ['***both***', 'both'],
  ])('%j', (line, words) => expect(withoutMarkdown(line)).toBe(words));

  it.each([
    'snake_case and __init__.py',
    '2 * 3 * 4 and a*b*c',
    'C# or F#',
    'if a < b then c > d',
    '$5 and [brackets] (here)',
    'a `lone tick and **two',
    'Array<string> & List<b2>',
    '1. First of all',
  ])('%j stays', (line) => expect(withoutMarkdown(line)).toBe(line));

  it('takes little time for any input', () => {
    const startedAt = performance.now();
    for (const piece of ['*', '`', '[', '![](', '_a ', '<b', '~~', '**a']) withoutMarkdown(piece.repeat(100_000));
    expect(performance.now() - startedAt).toBeLessThan(scaled(2_000));
  });
});
