import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

/** The files that the section of ARCHITECTURE.md names, in the order of a token. */
function filesOf(section: string): string[] {
  const text = readFileSync('ARCHITECTURE.md', 'utf8');
  const [, after = ''] = text.split(`## ${section}\n`);
  const [part = ''] = after.split('\n## ');
  return [...part.matchAll(/`(backend\/src\/[\w./-]+\.ts)`/g)].flatMap(([, path]) => path ?? []);
}

describe('the way of one token', () => {
  const files = filesOf('The way of one token');

  it('is ten files long at most', () => {
    expect(files.length).toBeGreaterThan(5);
    expect(files.length).toBeLessThanOrEqual(10);
    expect(new Set(files).size).toBe(files.length);
  });

  it.each(files)('leads through %s, which says what it costs and knows neither ORM nor query builder', (file) => {
    const source = readFileSync(file, 'utf8');
    expect(source).toMatch(/costs? [\d.]+ us|[\d.]+ us of CPU/);
    expect(source).not.toMatch(/from '(@mikro-orm|kysely)/);
  });
});
