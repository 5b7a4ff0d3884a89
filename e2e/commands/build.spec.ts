import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fingerprint } from '../../scripts/build.ts';

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

describe('two commands that find the same output out of date', () => {
  let root: string;
  beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'build-'))));
  afterEach(() => rmSync(root, { recursive: true }));

  const program = `
    import { appendFileSync, mkdirSync } from 'node:fs';
    import { setTimeout as delay } from 'node:timers/promises';
    import { ensureBuilt } from ${JSON.stringify(pathToFileURL(resolve('scripts/build.ts')).href)};
    await ensureBuilt({
      name: 'server', directory: 'out', inputs: { include: ['source'], exclude: [] }, writes: [],
      async build() {
        appendFileSync('log', 'begun ');
        await delay(1000);
        mkdirSync('out', { recursive: true });
        appendFileSync('log', 'ended ');
        return { ok: true, output: '', seconds: 1 };
      },
    });`;

  it('build it once, one after another', async () => {
    writeFileSync(join(root, 'source'), 'text');
    const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { cwd: root });
    const said = (await Promise.all([run(), run()])).map(({ stdout }) => stdout).sort();
    expect(readFileSync(join(root, 'log'), 'utf8')).toBe('begun ended ');
    expect(said[0]).toBe('Another command is building; waiting for it ...\n');
    expect(said[1]).toMatch(/^Building the server \.\.\.\n/);
    await run();
    expect(readFileSync(join(root, 'log'), 'utf8')).toBe('begun ended ');
  });
});
