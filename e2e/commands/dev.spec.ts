import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePort } from '../../backend/testing/free-port.ts';

const LOOK_AGAIN_MS = 100;

describe('npm run dev', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'lockstep-dev-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('serves the page and the server at one address, and ends both at Ctrl-C', async () => {
    const port = await freePort();
    const child = spawn(process.execPath, ['scripts/run.js', 'dev'], {
      env: { PATH: process.env['PATH'], HOME: folder, PORT: String(port), DATA_DIR: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = Promise.all([text(child.stdout), text(child.stderr)]);
    const ended = once(child, 'exit') as Promise<[number | null]>;
    try {
      const url = `http://localhost:${port}`;
      const page = await firstAnswer(url);
      expect(await page.text()).toContain('__sveltekit_dev');
      // The page is served only once the server answers, so that signing in works.
      expect(await (await fetch(`${url}/api/meta`)).json()).toMatchObject({ publicUrl: url });
      child.kill('SIGINT');
      expect(await ended).toEqual([0, null]);
      await expect(fetch(url)).rejects.toThrow('fetch failed');
    } catch (error) {
      child.kill('SIGTERM');
      throw new Error((await said).join('\n'), { cause: error });
    }
  }, 180_000);
});

/** Of Vite, which listens before the server does, and waits for it. */
async function firstAnswer(url: string): Promise<Response> {
  for (;;) {
    try {
      return await fetch(url, { headers: { accept: 'text/html' } });
    } catch {
      await delay(LOOK_AGAIN_MS);
    }
  }
}
