import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { type SystemCheck, systemCheck } from '../../src/protocol/http/index.js';
import { freePort } from '../../testing/free-port.js';
import { scaled } from '../../testing/pace.js';
import { ServerBuild } from '../faults/stage/server-build.js';
import { EXPIRED } from './expired-certificate.js';
import { newFolder } from './patient.js';

jest.setTimeout(scaled(60_000));

let build: ServerBuild;
let folder: string;
let port: string;
beforeAll(async () => {
  build = ServerBuild.copy();
  folder = newFolder();
  port = String(await freePort());
});
afterAll(() => {
  build[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the program by a shell command, with `$0` for Node and `$1` for the script. */
async function run(env: Record<string, string>, command = 'exec "$0" "$@"', ...options: string[]) {
  const script = join(build.cwd, 'dist', 'src', 'doctor', 'doctor.cli.js');
  const child = spawn('sh', ['-c', command, process.execPath, script, ...options], {
    cwd: build.cwd,
    env: { PATH: process.env['PATH'], PORT: port, DATA_DIR: join(folder, 'data'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, stdout: await stdout, stderr: await stderr };
}

const json = async (env: Record<string, string>, command?: string): Promise<SystemCheck> =>
  systemCheck.parse(JSON.parse((await run(env, command, '--json')).stdout));

it('prints a report before the first start, and leaves nothing behind', async () => {
  const { code, stdout, stderr } = await run({});
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^Configuration\n {2}ok {7}All values are valid\. Variables that are set: \d+\.$/m);
  expect(stdout).toMatch(/note {5}There is no database at .*chat\.db yet/);
  expect(stdout).toMatch(/No problems found in \d+\.\d s\.\n$/);
  expect(code).toBe(0);
  expect(existsSync(join(folder, 'data'))).toBe(false);
  expect(readdirSync(folder)).toEqual([]);
});

it('prints every problem of a configuration with which the server does not start, and exits with 1', async () => {
  const { code, stdout } = await run({ APP_SECRET: 'short', OPENAI_API_KYE: 'sk-word', DRAIN_MS: 'soon' });
  expect(stdout).toMatch(/PROBLEM {2}APP_SECRET: takes 32 characters or more\./);
  expect(stdout).toMatch(/PROBLEM {2}DRAIN_MS: takes a whole number/);
  expect(stdout).toMatch(/PROBLEM {2}OPENAI_API_KYE is not a setting/);
  expect(stdout).toMatch(/3 problems found/);
  expect(stdout).not.toContain('sk-word');
  expect(code).toBe(1);
});

it('names a limit of open files that is too low', async () => {
  const { findings } = await json({}, 'ulimit -n 512; exec "$0" "$@"');
  expect(findings).toContainEqual(
    expect.objectContaining({ id: 'files_low', status: 'problem', params: { limit: 512, needed: 4096 } }),
  );
});

it('names a certificate that has expired, even if no server runs', async () => {
  const server = createServer({ key: EXPIRED.key, cert: EXPIRED.certificate }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  const { findings } = await json({
    PUBLIC_URL: url,
    LOCAL_SIGN_IN: 'network',
    NODE_EXTRA_CA_CERTS: EXPIRED.file(folder),
  });
  server.close();
  expect(findings).toContainEqual(
    expect.objectContaining({ id: 'address_tls', status: 'problem', params: { url, reason: 'it has expired' } }),
  );
});

it('refuses unknown options', async () => {
  const { code, stderr } = await run({}, undefined, '--fix');
  expect(code).toBe(2);
  expect(stderr).toBe('Usage: npm run doctor [-- --json]\n');
});
