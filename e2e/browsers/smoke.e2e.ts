import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { freePort } from '../../backend/testing/free-port.ts';
import { Supervised } from '../../scripts/programs.ts';
import { scaled } from '../../backend/testing/pace.ts';

test('a fresh installation shows its sign-in page in a real browser', async ({ page }) => {
  const data = mkdtempSync(join(tmpdir(), 'smoke-'));
  const port = await freePort();
  const server = new Supervised(['dist/src/main.js'], {
    env: { PORT: String(port), DATA_DIR: data, PUBLIC_URL: `http://localhost:${port}`, LOG_LEVEL: 'warn' },
  });
  try {
    await expect(async () => {
      expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).toBe(200);
    }).toPass({ timeout: scaled(30_000) });
    await page.goto(`http://localhost:${port}/`);
    await expect(page).toHaveURL(/\/login/);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  } finally {
    await server.stop();
    rmSync(data, { recursive: true, force: true });
  }
});
