import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

describe('a command that cannot run', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'lockstep-scripts-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function run(
    args: readonly string[],
    options: { readonly env?: Record<string, string>; readonly cwd?: string },
  ) {
    const child = spawn(process.execPath, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
    const stderr = text(child.stderr);
    const [code] = (await once(child, 'exit')) as [number | null];
    return { code, stderr: await stderr };
  }

  /** An environment without Chromium, in which downloads fail. */
  const bare = () => ({
    PATH: folder,
    HOME: folder,
    PLAYWRIGHT_BROWSERS_PATH: join(folder, 'browsers'),
    PLAYWRIGHT_DOWNLOAD_HOST: 'http://127.0.0.1:9',
  });

  it('says what npm test needs if Chromium is missing and cannot be installed', async () => {
    const { code, stderr } = await run(['scripts/run.js', 'test', 'browser'], { env: bare() });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The tests in a browser need Chromium, and it could not be installed: [^\n]+\n$/);
    expect(stderr).toMatch(/Please run `.*chromium`.*`npm test -- server` and `npm test -- page` need no browser\.\n$/);
  });

  it('says why an installed Chromium does not start', async () => {
    const reason = 'error while loading shared libraries: libnss3.so: cannot open shared object file';
    writeFileSync(join(folder, 'chromium'), `#!/bin/sh\necho "chromium: ${reason}" >&2\nexit 127\n`, { mode: 0o755 });
    const { code, stderr } = await run(['scripts/run.js', 'test', 'browser'], { env: bare() });
    expect(code).toBe(1);
    expect(stderr).toContain(`${join(folder, 'chromium')} does not start: chromium: ${reason}. Please run`);
    expect(stderr.trim()).not.toContain('\n');
  });

  it('says that the port of npm run dev is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const PORT = String(typeof address === 'object' && address ? address.port : '');
    const { code, stderr } = await run(['scripts/run.js', 'dev'], { env: { PORT, DATA_DIR: folder } });
    other.close();
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^Port \d+ of 127\.0\.0\.1 is taken: [^\n]*PORT\.\n$/)]);
  });

  const evaluate = (path: string, call: string) => [
    '--input-type=module',
    '--eval',
    `import * as it from ${JSON.stringify(pathToFileURL(resolve(path)).href)};
     try { ${call}; } catch (error) { if (error.name !== 'CommandFailed') throw error; console.error(error.message); }`,
  ];

  it('says why its settings cannot be read', async () => {
    mkdirSync(join(folder, '.env'));
    const args = evaluate('scripts/start.ts', 'it.loadEnvironmentFile()');
    expect((await run(args, { cwd: folder })).stderr).toBe(
      'The settings in .env cannot be read: it is a folder where a file should be.\n',
    );
  });

  it('says why nothing can be built', async () => {
    // A missing folder, because root may write everywhere.
    if (process.getuid?.() !== 0) {
      mkdirSync(join(folder, 'closed'));
      chmodSync(join(folder, 'closed'), 0o555);
    }
    const output = `{ name: 'server', directory: 'gone/dist', inputs: { include: [], exclude: [] }, writes: ['closed'] }`;
    const args = evaluate('scripts/build.ts', `await it.ensureBuilt(${output})`);
    expect((await run(args, { cwd: folder })).stderr).toMatch(
      /^Lockstep has to be built, and .*closed cannot be written: .*\. Run `npm run build` once as the user/,
    );
  });
});
