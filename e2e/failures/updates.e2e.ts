import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page, WebSocketRoute } from '@playwright/test';
import { Chat } from '../support/chat.ts';
import { newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

const UPDATED = 'Lockstep was updated. Reload to use the new version.';
const INCOMPLETE = 'a part of this page is no longer there';
const OUTDATED = 'This page is too old for the server.';

/** A folder with another build of the page, which has the same files under another name, or none of the old ones. */
class OtherBuild implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'lockstep-other-build-'));

  constructor({ hasOldFiles }: { readonly hasOldFiles: boolean }) {
    const build = join(this.folder, 'frontend/build');
    const isKept = (path: string): boolean => hasOldFiles || !path.includes('/_app/immutable/');
    cpSync('frontend/build', build, { recursive: true, filter: isKept });
    const version = join(build, '_app/version.json');
    for (const compressed of ['.br', '.gz']) rmSync(version + compressed, { force: true });
    writeFileSync(version, JSON.stringify({ version: '9.9.9-other' }));
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** Replacements in what a page says and hears. */
interface Change {
  sent?: [string, string];
  received?: [string, string];
}

/**
 * Changes what a page and its server say to each other from now on, as if one of them were of another version.
 * @returns breaks the connection
 */
async function rewrite(page: Page, change: Change): Promise<() => Promise<void>> {
  let open: WebSocketRoute | undefined;
  const changed = (text: string | Buffer, [from, to]: [string, string] = ['', '']): string =>
    String(text).replace(from, to);
  await page.routeWebSocket(/socket\.io/, (socket) => {
    open = socket;
    const server = socket.connectToServer();
    socket.onMessage((text) => server.send(changed(text, change.sent)));
    server.onMessage((text) => socket.send(changed(text, change.received)));
  });
  return async () => open?.close();
}

test('a tab that was open during an update works on, and offers to load the new version; nothing written is lost', async ({
  startServer,
  browser,
}) => {
  using other = new OtherBuild({ hasOldFiles: true });
  const server = await startServer();
  const context = await browser.newContext({ baseURL: server.url });
  const page = await context.newPage();
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.ask('/echo Before the update.');
  const notice = page.getByRole('status').filter({ hasText: UPDATED });
  await server.stop();
  await chat.send('/echo Sent while it was away.');
  await server.start(other.folder);

  await expect(notice).toBeVisible();
  await expect(chat.replyText).toHaveText('Sent while it was away.');
  await chat.composer.fill('Half a sentence');
  await notice.getByRole('button', { name: 'Close' }).click();
  await expect(page.getByText(UPDATED)).toBeHidden();
  await server.stop();
  // Not again for the same version.
  await server.start(other.folder);
  await chat.finished();
  await expect(chat.replyText).toHaveText('Sent while it was away.');
  await expect(page.getByText(/Reconnecting|restarting/)).toBeHidden();
  await expect(page.getByText(UPDATED)).toBeHidden();
  // The old version again, and the new one: this is news.
  await server.stop();
  await server.start();
  await expect(page.getByText(/Reconnecting|restarting/)).toBeHidden();
  await page.reload();
  await expect(chat.composer).toHaveValue('Half a sentence');
  await server.stop();
  await server.start(other.folder);
  await chat.composer.fill('Half a sentence, and more');
  await notice.getByRole('button', { name: 'Reload' }).click();
  await expect(chat.composer).toHaveValue('Half a sentence, and more');
  await expect(chat.ownMessages).toHaveCount(2);
  await context.close();
});

test('when a part of the page is gone after an update, the page says so instead of doing nothing', async ({
  startServer,
  browser,
}) => {
  using other = new OtherBuild({ hasOldFiles: false });
  const server = await startServer();
  const context = await browser.newContext({ baseURL: server.url });
  const page = await context.newPage();
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.ask('/echo Hello.');
  await server.stop();
  // Without a server, the same is no reason to reload.
  await page.keyboard.press('ControlOrMeta+k');
  await expect(page.getByText(/Reconnecting|restarting/)).toBeVisible();
  await expect(page.getByText(INCOMPLETE)).toBeHidden();
  await server.start(other.folder);
  await expect(page.getByText(UPDATED)).toBeVisible();
  // Not the composer, which has the focus: the first attempt has opened what did not come.
  for (let press = 0; press < 2; press += 1) await page.keyboard.press('ControlOrMeta+k');
  await expect(page.getByText(INCOMPLETE)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Reload' })).toBeVisible();
  await context.close();
});

test('a page whose protocol is too old says so, and keeps what is written', async ({ page }) => {
  const change: Change = {};
  const cut = await rewrite(page, change);
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.ask('/echo Hello.');
  change.sent = ['"protocol":1', '"protocol":0'];
  await cut();
  await expect(page.getByText(OUTDATED)).toBeVisible();
  await chat.send('/echo Not lost.');
  delete change.sent;
  await page.getByRole('button', { name: 'Reload' }).click();
  await expect(chat.replyText).toHaveText('Not lost.');
  await expect(chat.ownMessages).toHaveCount(2);
  await expect(page.getByText(OUTDATED)).toBeHidden();
});

test('a page that is newer than the server waits for its upgrade', async ({ page }) => {
  const change: Change = {};
  const cut = await rewrite(page, change);
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.ask('/echo Hello.');
  Object.assign(change, { sent: ['"protocol":1', '"protocol":2'], received: ['"newest":1', '"newest":0'] });
  await cut();
  await expect(page.getByText('Reconnecting…')).toBeVisible();
  await expect(page.getByText(OUTDATED)).toBeHidden();
  delete change.sent;
  await chat.ask('/echo Here again.');
  await expect(page.getByText('Reconnecting…')).toBeHidden();
});

test('a page whose scripts come from a server of another version loads itself again', async ({ page }) => {
  await signIn(page, newPerson());
  let missing = 3;
  await page.route('**/_app/immutable/entry/**', (route) => {
    missing -= 1;
    return missing >= 0 ? route.fulfill({ status: 404 }) : route.continue();
  });
  await page.goto('/chat');
  await expect(new Chat(page).composer).toBeVisible();
  expect(missing).toBeLessThan(0);
  // Not without an end: then a link is there to do it by hand.
  let loads = 0;
  page.on('request', (request) => (loads += request.isNavigationRequest() ? 1 : 0));
  await page.unrouteAll();
  await page.route('**/_app/immutable/entry/**', (route) => route.fulfill({ status: 404 }));
  await page.reload();
  await expect.poll(() => loads).toBe(6);
  await expect(page.getByRole('link', { name: 'Reload' })).toBeVisible();
});
