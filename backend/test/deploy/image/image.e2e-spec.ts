import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { freePort } from '../../../testing/free-port.js';
import { ModelServer } from '../../../testing/model/model-server.js';
import { scaled } from '../../../testing/pace.js';
import { OpenIdProvider } from '../../../testing/provider/openid-provider.js';
import { signIn } from '../../proxies/sign-in.js';
import { wordsOf } from './dockerfile.js';
import { Image } from './image.js';

const lockFile = z.object({
  packages: z.record(z.string(), z.object({ dev: z.boolean().optional(), devOptional: z.boolean().optional() })),
});
const MB = 1_000_000;
const START_DEADLINE_MS = 60_000;
/** How far the README may be from the measured size. */
const TOLERANCE = 0.1;

describe('the image', () => {
  let image: Image;
  let model: ModelServer;
  let provider: OpenIdProvider;
  let child: ChildProcess;
  let env: Record<string, string>;
  let url: string;
  let output = '';

  beforeAll(async () => {
    image = Image.build();
    model = await ModelServer.start();
    provider = await OpenIdProvider.start();
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    env = {
      PATH: process.env['PATH'] ?? '',
      NODE_ENV: 'production',
      PORT: String(port),
      DATA_DIR: image.data,
      APP_SECRET: 'a secret of thirty-two characters',
      PUBLIC_URL: url,
      ...model.environment,
      ...provider.environment,
    };
    const [, ...args] = wordsOf('CMD');
    child = spawn(process.execPath, args, { ...image.as, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (bytes: Buffer) => (output += bytes.toString()));
  });
  afterAll(async () => {
    child.kill('SIGKILL');
    await model[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
    image[Symbol.dispose]();
  });

  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const checkHealth = (): number | null => {
    const [, ...args] = wordsOf('HEALTHCHECK');
    return spawnSync(process.execPath, args, { ...image.as, env }).status;
  };

  it('starts in production, and its health check says so', async () => {
    const deadline = performance.now() + scaled(START_DEADLINE_MS);
    while (checkHealth() !== 0) {
      if (hasEnded() || performance.now() > deadline) throw new Error(`It did not start:\n${output}`);
      await delay(100);
    }
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  });

  it('serves the page, compressed', async () => {
    const response = await fetch(url, { headers: { 'accept-encoding': 'br' } });
    expect(response.headers.get('content-encoding')).toBe('br');
    expect(await response.text()).toContain('<html');
  });

  it('signs people in, and answers them', async () => {
    const { grant } = await signIn(url, provider, 'ada');
    const response = await fetch(`${url}/api/chat`, {
      method: 'POST',
      headers: { authorization: `Bearer ${grant.accessToken}`, 'content-type': 'application/json' },
      body: '{"message":"Hi"}',
    });
    await expect(response.json()).resolves.toMatchObject({ reply: 'Hello, world!' });
  });

  it('has every package that Lockstep depends on, complete', () => {
    const { dependencies } = z
      .object({ dependencies: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync('package.json', 'utf8')));
    const program = `for (const name of ${JSON.stringify(Object.keys(dependencies))}) await import(name);`;
    const ran = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      ...image.as,
      env,
      encoding: 'utf8',
    });
    expect(ran.stderr).toBe('');
    expect(ran.status).toBe(0);
  });

  it('has none that is for development, and no second Node', () => {
    const { packages } = lockFile.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')));
    const tools = Object.entries(packages).filter(([, { dev, devOptional }]) => dev ?? devOptional);
    expect(tools.length).toBeGreaterThan(100);
    expect(tools.map(([path]) => path).filter((path) => existsSync(join(image.app, path, 'package.json')))).toEqual([]);
    expect(globSync('node_modules/node-{linux,darwin,win}-*', { cwd: image.app })).toEqual([]);
  });

  it('keeps the licences of what it contains', () => {
    const of = (root: string) => new Set(globSync('node_modules/{*,@*/*}/{licen[cs]e,LICEN[CS]E}*', { cwd: root }));
    const [kept, all] = [of(image.app), of('.')];
    const names = globSync('node_modules/{*,@*/*}/package.json', { cwd: image.app }).map((path) => path.slice(0, -13));
    const lost = [...all].filter((path) => names.some((name) => path.startsWith(`${name}/`)) && !kept.has(path));
    expect(lost.filter((path) => !/\.(?:map|d\.ts)$/.test(basename(path)))).toEqual([]);
  });

  it('can be written nowhere except in its data folder', () => {
    const canWrite = (path: string): boolean => {
      const program = `require('fs').accessSync(${JSON.stringify(path)}, ${constants.W_OK})`;
      return spawnSync(process.execPath, ['--eval', program], { ...image.as, env }).status === 0;
    };
    expect([image.app, join(image.app, 'dist'), image.data].map(canWrite)).toEqual([false, false, true]);
    expect(() => accessSync(join(image.data, 'chat.db'))).not.toThrow();
  });

  it('has the command-line programs that the documents name', () => {
    const text = ['README.md', 'docs/deploying.md', 'docs/operating.md']
      .map((path) => readFileSync(path, 'utf8'))
      .join('');
    const named = new Set([...text.matchAll(/node (dist\/[\w./-]+\.js)/g)].map(([, path = '']) => path));
    expect(named.size).toBeGreaterThan(1);
    for (const path of named) expect([path, existsSync(join(image.app, path))]).toEqual([path, true]);
    const backup = execFileSync(process.execPath, ['dist/src/database/backup.cli.js'], {
      ...image.as,
      env,
      encoding: 'utf8',
    });
    expect(backup).toContain(image.data);
  });

  it('is as large as the README says', () => {
    const [, said = ''] = /adds (\d+) MB/.exec(readFileSync('README.md', 'utf8')) ?? [];
    const measured = image.bytes / MB;
    expect([measured, Math.abs(measured / Number(said) - 1) < TOLERANCE]).toEqual([measured, true]);
  });

  it('ends by itself when it is told to', async () => {
    // An exit that has happened already would never be waited for.
    expect(hasEnded()).toBe(false);
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });
});
