import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fingerprint } from './fingerprint.ts';

describe('fingerprint', () => {
  const inputs = { include: ['package.json', 'src/**/*'], exclude: ['**/*.spec.ts', 'src/generated'] };
  let root: string;
  const write = (path: string, text: string): void => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'fingerprint-'));
    write('package.json', '{}');
    write('src/a.ts', 'a');
    write('src/deep/b.ts', 'b');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it.each([
    ['a changed file', () => write('src/deep/b.ts', 'c')],
    ['a new file', () => write('src/c.ts', '')],
    ['a deleted file', () => rmSync(join(root, 'src/a.ts'))],
    ['a renamed file', () => renameSync(join(root, 'src/a.ts'), join(root, 'src/aa.ts'))],
    ['text moved from one file to the next', () => [write('src/a.ts', 'ab'), write('src/deep/b.ts', '')]],
  ])('differs after %s', (_, change) => {
    const before = fingerprint(inputs, root);
    change();
    expect(fingerprint(inputs, root)).not.toBe(before);
  });

  it.each([
    ['a touched file', () => utimesSync(join(root, 'src/a.ts'), 1, 1)],
    ['a change in a test', () => write('src/a.spec.ts', 'test')],
    ['a change in an excluded folder', () => write('src/generated/x.ts', 'x')],
    ['a change elsewhere', () => write('docs/x.md', 'x')],
  ])('stays the same after %s', (_, change) => {
    const before = fingerprint(inputs, root);
    change();
    expect(fingerprint(inputs, root)).toBe(before);
  });
});
