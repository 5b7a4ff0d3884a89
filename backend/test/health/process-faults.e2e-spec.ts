import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../testing/free-port.js';
import { ServerBuild } from '../faults/stage/server-build.js';
import { ServerProcess } from '../faults/stage/server-process.js';
import { until } from '../support/test-client.js';

const TOKEN = 'sixteen-characters';

/** Errors as a package might raise them, triggered by signals. */
const PRELOAD = `
import { GuestCall } from '{dist}/src/models/providers/guest-call.js';
const guest = () => new GuestCall('some:model', 'request-7', new AbortController().signal, () => undefined);
const late = () => new Promise(() => setTimeout(() => { throw new Error('secret words'); }));
process.on('SIGUSR2', () => void Promise.reject(new Error('lost')));
process.on('SIGWINCH', () => guest().run(late).catch((error) => console.log('the call failed')));
process.on('SIGPIPE', () => setTimeout(() => { throw new Error('boom'); }));
`;

describe('an unhandled error', () => {
  let folder: string;
  let build: ServerBuild;
  let server: ServerProcess;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lockstep-faults-'));
    build = ServerBuild.copy();
    const preload = join(folder, 'preload.mjs');
    writeFileSync(preload, PRELOAD.replace('{dist}', join(build.cwd, 'dist')));
    server = ServerProcess.spawn(build, await freePort(), {
      DATA_DIR: folder,
      METRICS_TOKEN: TOKEN,
      DRAIN_MS: '500',
      NODE_OPTIONS: `--import=${preload}`,
    });
    await server.ready();
  });
  afterEach(async () => {
    await server[Symbol.asyncDispose]();
    build[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const metrics = async (): Promise<string> => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    return (await fetch(`http://127.0.0.1:${server.port}/metrics`, { headers })).text();
  };
  const counted = (kind: string): Promise<true> =>
    until(async () => (await metrics()).includes(`lockstep_faults_total{kind="${kind}"} 1`), `one ${kind}`);

  it('leaves the server running when it is a rejected promise', async () => {
    server.signal('SIGUSR2');
    await counted('unhandled_rejection');
    expect(server.lastOutput).toMatch(/"level":50.*unhandled rejection.*"lost"|"lost".*unhandled rejection/);
    expect(server.isAlive).toBe(true);
  });

  it('fails the call into the package that threw it, and leaves the server running', async () => {
    server.signal('SIGWINCH');
    await counted('uncaught_exception');
    await until(() => server.lastOutput.includes('the call failed'), 'the call has failed');
    expect(server.lastOutput).toMatch(/"requestId":"request-7"/);
    expect(server.lastOutput).not.toContain('secret words');
    expect(server.isAlive).toBe(true);
  });

  it('otherwise stops the server gracefully, with a line in the log', async () => {
    server.signal('SIGPIPE');
    await until(() => !server.isAlive, 'the server has stopped');
    expect(server.lastOutput).toMatch(/stops gracefully/);
    expect(server.lastOutput).toMatch(/boom/);
    expect(await server.end()).toBe(1);
  });
});
