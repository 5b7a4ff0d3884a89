import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);

/** A package that requires a newer Node, as thirty dependencies do on a machine with Node 20. */
const DEMANDING = { name: 'demanding', version: '1.0.0', engines: { node: '>=999' } };
const PROJECT = { name: 'project', version: '1.0.0', dependencies: { demanding: 'file:demanding' } };
const LOCK = {
  ...PROJECT,
  lockfileVersion: 3,
  packages: { '': PROJECT, demanding: DEMANDING, 'node_modules/demanding': { resolved: 'demanding', link: true } },
};

describe('npm ci, with the settings of this project', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lockstep-install-'));
    mkdirSync(join(folder, 'demanding'));
    for (const [path, content] of [
      ['package.json', PROJECT],
      ['package-lock.json', LOCK],
      ['demanding/package.json', DEMANDING],
    ] as const) {
      writeFileSync(join(folder, path), JSON.stringify(content));
    }
    copyFileSync('.npmrc', join(folder, '.npmrc'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const install = (...options: string[]) =>
    run('npm', ['ci', '--offline', ...options], { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder } });

  it('does not warn about the installed Node: the packages run under the one in node_modules', async () => {
    const { stdout, stderr } = await install();
    expect(stderr).toBe('');
    expect(stdout).toMatch(/added 1 package/);
  });

  it('warns with --loglevel=warn', async () => {
    expect((await install('--loglevel=warn')).stderr).toContain('EBADENGINE');
  });
});
