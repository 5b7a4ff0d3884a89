import { chromium } from '@playwright/test';
import { launchOptions } from '../browser.ts';
import { newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

test.use({ serviceWorkers: 'allow' });

test('the page can be installed', async ({ server }) => {
  await using whole = await chromium.launch(launchOptions([], true));
  const page = await whole.newPage({ baseURL: server.url });
  await page.goto('/login');
  const devtools = await page.context().newCDPSession(page);
  const { errors, data } = await devtools.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  expect(JSON.parse(data ?? '')).toMatchObject({ name: 'Lockstep', display: 'standalone', start_url: '/chat' });
  await expect
    .poll(async () => (await devtools.send('Page.getInstallabilityErrors')).installabilityErrors)
    // Always reported in tests: their windows are private ones.
    .toEqual([{ errorId: 'in-incognito', errorArguments: [] }]);
});

test('it opens offline, says so, and continues when the network is back', async ({ startServer, browser }) => {
  const server = await startServer();
  const context = await browser.newContext({ baseURL: server.url, serviceWorkers: 'allow' });
  const page = await context.newPage();
  await signIn(page, newPerson());
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  // The worker caches the files of the first visit after it has started.
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toBeVisible();
  await expect
    .poll(() => page.evaluate(async () => (await (await caches.open('page')).keys()).length))
    .toBeGreaterThan(5);
  await server.stop();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'The server cannot be reached' })).toBeVisible();
  await server.start();
  await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toBeVisible();
  const kept = await page.evaluate(async () => (await (await caches.open('page')).keys()).map(({ url }) => url));
  expect(kept.filter((url) => url.includes('/api/'))).toEqual([]);
  await context.close();
});
