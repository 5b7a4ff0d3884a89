import { type Browser, chromium, type Page } from '@playwright/test';
import { launchOptions } from '../browser.ts';
import { Chat } from '../support/chat.ts';
import type { LockstepServer } from '../support/lockstep-server.ts';
import { OTHER_ANSWER, startOtherModel } from '../support/other-model.ts';
import { Network } from '../support/network.ts';
import { OpenIdProvider } from '../../backend/testing/provider/openid-provider.ts';
import { newPerson } from '../support/people.ts';
import { chooseAccount, signIn } from '../support/sign-in.ts';
import { StrictProxy } from '../support/strict-proxy.ts';
import { expect, test as base } from '../support/test.ts';

const ADMIN = 'ada@lan.example';

/** A server on the local network, which users open by its name there, without encryption. */
const test = base.extend<{ lan: { readonly url: string }; lanBrowser: Browser }>({
  // Playwright derives the fixtures from the first parameter; this one needs none.
  // oxlint-disable-next-line no-empty-pattern
  lanBrowser: async ({}, use) => {
    const browser = await chromium.launch(launchOptions(['--host-resolver-rules=MAP chat.lan 127.0.0.1']));
    await use(browser);
    await browser.close();
  },
  lan: async ({ startServer }, use) => {
    const door = await Network.start();
    const url = `http://chat.lan:${door.port}`;
    const provider = await OpenIdProvider.start({ lockstepUrl: url });
    const model = await startOtherModel();
    const server = await startServer({
      PUBLIC_URL: url,
      ADMIN_EMAILS: ADMIN,
      ...provider.environment,
      ...model.environment,
    });
    door.leadTo(server.port);
    await use({ url });
    await model[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
    await door.dispose();
  },
});

async function signInAtLan(page: Page, url: string, email: string): Promise<void> {
  await page.goto(`${url}/chat`);
  await page.getByRole('button', { name: /^Continue with/ }).click();
  await page.getByPlaceholder('Enter any login').fill(email);
  await page.getByPlaceholder('and password').fill('whatever');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page).toHaveURL(`${url}/chat`);
}

test('everything works over plain HTTP on the local network: sign in, send, edit, copy, two tabs, a reload', async ({
  lan,
  lanBrowser,
}) => {
  const context = await lanBrowser.newContext();
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    // The provider's own pages have errors of their own.
    if (message.type() === 'error' && page.url().startsWith(lan.url)) faults.push(message.text());
  });
  await signInAtLan(page, lan.url, 'mary@lan.example');
  expect(await page.evaluate(() => [isSecureContext, 'randomUUID' in crypto, 'clipboard' in navigator])).toEqual([
    false,
    false,
    false,
  ]);
  const chat = new Chat(page);
  await chat.ask('Who are you?');
  await expect(chat.replyText).toHaveText(OTHER_ANSWER);

  const second = await chat.secondTab();
  await expect(second.replyText).toHaveText(OTHER_ANSWER);
  await second.composer.fill('typed in the second tab');
  await expect(chat.composer).toHaveValue('typed in the second tab');
  await second.composer.fill('');
  await expect(chat.composer).toHaveValue('');
  await second.page.close();

  await chat.replies.last().getByRole('button', { name: 'Copy reply' }).click();
  await expect(chat.replies.last().getByText('Copied')).toBeAttached();
  await chat.composer.focus();
  await page.keyboard.press('Control+V');
  await expect(chat.composer).toHaveValue(OTHER_ANSWER);
  await chat.composer.fill('');

  await chat.ownMessages.last().hover();
  await chat.ownMessages.last().getByRole('button', { name: 'Edit message' }).click();
  await page.getByRole('textbox', { name: 'Edit message' }).fill('And who am I?');
  await page.keyboard.press('Enter');
  await expect(chat.ownMessages.last()).toContainText('And who am I?');
  await chat.finished();
  await page.reload();
  await expect(chat.replyText).toHaveText(OTHER_ANSWER);
  await expect(page.getByText('This address is not encrypted.')).toBeHidden();
  expect(faults).toEqual([]);
});

test('admins get a notice that the address is not encrypted, can dismiss it, and find it again in the admin pages', async ({
  lan,
  lanBrowser,
}) => {
  const page = await lanBrowser.newPage();
  await signInAtLan(page, lan.url, ADMIN);
  const notice = page.getByRole('status').filter({ hasText: 'This address is not encrypted.' });
  await expect(notice).toBeVisible();
  await notice.getByRole('button', { name: 'Close' }).click();
  await expect(notice).toBeHidden();
  await page.goto(`${lan.url}/admin/users`);
  await expect(notice).toBeVisible();
  await page.goto(`${lan.url}/chat`);
  await expect(new Chat(page).composer).toBeVisible();
  await expect(notice).toBeHidden();
});

test('opening another address of the server leads to the right one for signing in, and back to the requested page', async ({
  server,
  browser,
}) => {
  const page = await browser.newPage();
  await page.goto(`http://localhost:${server.port}/profile?from=mail`);
  await expect(page).toHaveURL((url) => url.origin === server.url && url.pathname === '/login');
  await page.getByRole('button', { name: /^Continue with/ }).click();
  await chooseAccount(page, newPerson());
  await expect(page).toHaveURL(`${server.url}/profile?from=mail`);
  await page.close();
});

test('if the right address cannot be reached, or redirects back, the login page says what to do', async ({
  server,
  lanBrowser,
}) => {
  const page = await lanBrowser.newPage();
  await page.goto(`http://chat.lan:${server.port}/chat`);
  const advice = page.getByRole('alert');
  await expect(advice).toContainText(`this server is set up for ${server.url}`);
  await expect(advice).toContainText('PUBLIC_URL');
  await expect(page.getByRole('button', { name: 'Continue with Google' })).toBeDisabled();
  expect(new URL(page.url()).hostname).toBe('chat.lan');

  // A proxy redirects everything back.
  await page.route(`${server.url}/**`, (route) =>
    route.fulfill({ status: 302, headers: { location: `http://chat.lan:${server.port}/login` } }),
  );
  await page.route('**/api/meta', (route) =>
    route.fulfill({
      json: { publicUrl: 'http://other.example', local: { provider: true, model: true } },
    }),
  );
  await page.route('http://other.example/**', (route) =>
    route.fulfill({ status: 302, headers: { location: `http://chat.lan:${server.port}/login` } }),
  );
  await page.goto(`http://chat.lan:${server.port}/login`);
  await expect(advice).toContainText('http://other.example');
  await expect(page.getByRole('link', { name: 'Open that address' })).toBeVisible();
});

for (const way of ['refused', 'ignored'] as const) {
  test(`if WebSockets are ${way} the page says what to do, keeps messages, and continues when they pass`, async ({
    startServer,
    browser,
  }) => {
    const proxy = await StrictProxy.start();
    const server = await startServer({ PUBLIC_URL: proxy.url });
    proxy.leadTo(server.port);
    const page = await browser.newPage({ baseURL: proxy.url });
    await signIn(page, newPerson());
    const chat = new Chat(page);
    await chat.ask('/echo Before.');
    proxy.upgrades = way;
    await page.reload();
    await page.goto('/chat');
    await expect(page.getByText('Live updates are blocked.')).toBeVisible();
    await chat.send('/echo Later.');
    await expect(page.getByText('Will be sent when you are back online')).toBeVisible();
    proxy.upgrades = 'passed';
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(chat.replyText).toHaveText('Later.');
    await expect(page.getByText('Live updates are blocked.')).toBeHidden();
    await page.close();
    await proxy.dispose();
  });
}

test('a restart of the server is not reported as blocked WebSockets', async ({ startServer, browser }) => {
  const server: LockstepServer = await startServer();
  const page = await browser.newPage({ baseURL: server.url });
  await signIn(page, newPerson());
  await server.kill();
  await expect(page.getByText('Reconnecting…')).toBeVisible();
  await expect(page.getByText('Live updates are blocked.')).toBeHidden();
  await server.start();
  await expect(page.getByText('Reconnecting…')).toBeHidden();
  await new Chat(page).ask('/echo Back.');
  await page.close();
});
