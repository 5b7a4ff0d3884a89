import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../testing/free-port.js';
import { ServerBuild } from '../faults/stage/server-build.js';

const TAKEN = createServer();

describe('the program', () => {
  let build: ServerBuild;
  let folder: string;
  beforeAll(async () => {
    build = ServerBuild.copy();
    folder = mkdtempSync(join(tmpdir(), 'lockstep-start-'));
    TAKEN.listen(0, '127.0.0.1');
    await once(TAKEN, 'listening');
  });
  afterAll(() => {
    TAKEN.close();
    build[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (env: Record<string, string>, script = build.main) =>
    spawn(process.execPath, [script], {
      cwd: build.cwd,
      env: { PATH: process.env['PATH'], PORT: '0', DATA_DIR: folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  /** Runs it until it ends. */
  async function run(env: Record<string, string>, script = build.main) {
    const child = start(env, script);
    const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
    const [code] = (await once(child, 'exit')) as [number | null];
    return { code, stdout: await stdout, stderr: await stderr };
  }
  const takenPort = (): string => {
    const address = TAKEN.address();
    return typeof address === 'object' && address ? String(address.port) : '';
  };

  it.each([
    ['a port that is taken', () => ({ PORT: takenPort() }), /^Port \d+ of 127\.0\.0\.1 is taken: .*PORT\.$/],
    [
      'an address of another machine',
      () => ({ HOST: '192.0.2.1', LOCAL_SIGN_IN: 'network' }),
      /^HOST: 192\.0\.2\.1 is not an address of this/,
    ],
    ['a number that is none', () => ({ PORT: 'abc' }), /^PORT: takes a whole number from 0 to 65535$/],
    [
      'a time that no timer takes',
      () => ({ DRAIN_MS: '1e12' }),
      /^DRAIN_MS: takes a whole number from 0 to 2147483647$/,
    ],
    ['a proxy that is no network', () => ({ TRUSTED_PROXIES: 'my-proxy' }), /^TRUSTED_PROXIES: takes addresses/],
    [
      'a password with signs of its own',
      () => ({ DATABASE_URL: 'postgresql://a:b#secret-word@h/x' }),
      /^DATABASE_URL: takes postgresql:\/\/USER:PASSWORD@HOST\/NAME; .*# is written %23/,
    ],
    ['an unknown NODE_ENV', () => ({ NODE_ENV: 'prod' }), /^NODE_ENV: .*"production"/],
  ])('prints one sentence and exits if it cannot start: %s', async (_what, env, sentence) => {
    const { code, stdout, stderr } = await run(env());
    expect(code).toBe(1);
    expect(stdout).toBe('');
    const [first, second, ...more] = stderr.trim().split('\n');
    expect([first, more]).toEqual(['Lockstep cannot start.', []]);
    expect(second).toMatch(sentence);
    expect(stderr).not.toContain('secret-word');
  });

  it('names a version of Node that is too old', async () => {
    const older = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.0' } })`;
    const { code, stderr } = await run({
      NODE_OPTIONS: `--import="data:text/javascript,${encodeURIComponent(older)}"`,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Lockstep cannot start\.\nThis is Node 20\.19\.0, and Lockstep needs 22\.18 or newer\. [^\n]*\n$/,
    );
  });

  it('prints only one sentence on the command line', async () => {
    const port = await freePort();
    const { code, stderr } = await run(
      { DATABASE_URL: `postgresql://a:secret-word@127.0.0.1:${port}/x` },
      build.program('backup'),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/^PostgreSQL does not answer: nothing listens at 127\.0\.0\.1:\d+\. [^\n]*\n$/);
  });

  it('takes a variable by its former name, and asks once in its log for the new one', async () => {
    const child = start({ STAND_IN_SIGN_IN: 'local' });
    const exited = once(child, 'exit');
    let said = '';
    for await (const part of child.stdout.setEncoding('utf8')) {
      said += String(part);
      if (said.includes('Lockstep is at')) child.kill('SIGTERM');
    }
    await exited;
    expect(said.match(/STAND_IN_SIGN_IN is now LOCAL_SIGN_IN: please rename it\./g)).toHaveLength(1);
  });
});
