import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const text = readFileSync('docs/security.md', 'utf8');

/** Tests that the document names: `["title"](../path)`. */
const named = [...text.matchAll(/\["([^"]+)"\]\(([^)]+)\)/g)].map(([, title = '', path = '']) => ({
  title,
  path: join('docs', path),
}));

/** The number of requirements in each section of ASVS 5.0.0 that the document goes through. */
const REQUIREMENTS = new Map(
  `
    3.1: 1, 3.2: 3, 3.3: 5, 3.4: 8, 3.5: 8, 3.6: 1, 3.7: 5, 4.4: 4, 7.1: 3, 7.2: 4, 7.3: 2,
    7.4: 5, 7.5: 3, 7.6: 2, 8.1: 4, 8.2: 4, 8.3: 3, 8.4: 2, 9.1: 3, 9.2: 4, 10.1: 2, 10.2: 3,
    10.3: 5, 10.4: 16, 10.5: 5, 10.6: 2, 10.7: 3, 16.1: 1, 16.2: 5, 16.3: 4, 16.4: 3, 16.5: 4
  `
    .split(',')
    .map((pair) => pair.trim().split(': '))
    .map(([section = '', count]) => [section, Number(count)]),
);

describe('docs/security.md', () => {
  it.each(named.map(({ title, path }) => [title, path]))('names a test that exists: %s', (title, path) => {
    const quoted = title.replace(/^stops /, '').replaceAll("'", String.raw`\'`);
    expect(readFileSync(path, 'utf8')).toContain(`'${quoted}'`);
  });

  it('names a test of each family of attacks', () => {
    for (const path of globSync('backend/test/attacks/*.e2e-spec.ts')) {
      expect(named.map((test) => test.path)).toContain(path);
    }
  });

  it('goes through every requirement of its chapters of ASVS, in order', () => {
    const rows = [...text.matchAll(/^\| (\d+\.\d+\.\d+) +\| (\S+) +\|/gm)];
    const expected = [...REQUIREMENTS].flatMap(([section, count]) =>
      Array.from({ length: count }, (_, at) => `${section}.${at + 1}`),
    );
    expect(rows.map(([, item]) => item)).toEqual(expected);
    for (const [, item, claim] of rows)
      expect([item, claim]).toEqual([item, expect.stringMatching(/^(claimed|partly|not|n\/a)$/)]);
  });
});
