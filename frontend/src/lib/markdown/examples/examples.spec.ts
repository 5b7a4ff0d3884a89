import { readFileSync } from 'node:fs';
import { tests as commonMark } from 'commonmark-spec';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { drawn, expected } from './as-drawn.ts';
import { intendedDifferences } from './intended-differences.ts';

// Each test draws hundreds of texts, which is slow on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const exampleSchema = z.object({ number: z.number(), section: z.string(), markdown: z.string(), html: z.string() });
type Example = z.infer<typeof exampleSchema>;

const gfm = z
  .object({ examples: z.array(exampleSchema) })
  .parse(JSON.parse(readFileSync(new URL('gfm-0.29.json', import.meta.url), 'utf8'))).examples;

const tabs = (text: string): string => text.replaceAll('→', '\t');

const isSame = ({ markdown, html }: Example): boolean => drawn(tabs(markdown)) === expected(tabs(html));

describe.each([
  { name: 'CommonMark 0.31.2', key: 'commonMark', examples: commonMark },
  { name: 'GFM 0.29', key: 'gfm', examples: gfm },
] as const)('$name', ({ name, key, examples }) => {
  const intended = new Set(intendedDifferences.flatMap((difference) => difference[key]));

  it('is drawn as in its examples, except for the intended differences', () => {
    const same = examples.filter(isSame);
    console.log(
      [
        `${name}: ${examples.length} examples, ${same.length} are the same, ${intended.size} differ as intended`,
        ...intendedDifferences.map(({ why, [key]: list }) => `  ${list.length} ${why}: ${list.join(', ')}`),
      ].join('\n'),
    );
    const unintended = examples.filter((example) => !isSame(example) && !intended.has(example.number));
    expect(
      unintended.map(({ number, section, markdown, html }) => ({
        example: `${number} (${section})`,
        markdown,
        drawn: drawn(tabs(markdown)),
        expected: expected(tabs(html)),
      })),
    ).toEqual([]);
    expect(same.filter(({ number }) => intended.has(number)).map(({ number }) => number)).toEqual([]);
  });

  it('loses no word in the intended differences', () => {
    for (const { number, markdown } of examples.filter((example) => intended.has(example.number))) {
      const words = markdown.replaceAll(/<!--[^]*?-->/g, '').match(/[A-Za-z]{3,}/g) ?? [];
      const shown = drawn(tabs(markdown));
      for (const word of words) expect(shown, `example ${number}`).toContain(word);
    }
  });
});
