import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Page } from '@playwright/test';
import { Chat, counted } from '../support/chat.ts';
import { Network } from '../support/network.ts';
import { newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test as base } from '../support/test.ts';

/** A tab that reaches its server through a connection that can be cut. */
const test = base.extend<{ network: Network; tab: Page }>({
  // Playwright derives the fixtures from the first parameter; this one needs none.
  // oxlint-disable-next-line no-empty-pattern
  network: async ({}, use) => {
    const network = await Network.start();
    await use(network);
    await network.dispose();
  },
  tab: async ({ network, startServer, browser }, use) => {
    const server = await startServer({ PUBLIC_URL: network.url });
    network.leadTo(server.port);
    const context = await browser.newContext({ baseURL: network.url });
    const tab = await context.newPage();
    await signIn(tab, newPerson());
    await use(tab);
    await context.close();
  },
});

test('[L3] after a broken connection in the middle of a reply nothing is missing or doubled', async ({
  tab,
  network,
}) => {
  const chat = new Chat(tab);
  await chat.send('/count 300 30');
  const before = await chat.readUntil('20 ');
  network.cut();
  await tab.context().setOffline(true);
  await expect(tab.getByText('You are offline.')).toBeVisible();
  const kept = await chat.replyText.innerText();
  expect(kept.startsWith(before.trimEnd())).toBe(true);
  network.mend();
  await tab.context().setOffline(false);
  await expect(tab.getByText('You are offline.')).toBeHidden();
  await expect(chat.replyText).toHaveText(counted(300));
  await expect(chat.replies).toHaveCount(1);
  await expect(chat.ownMessages).toHaveCount(1);
});

test('[L10] a half-open connection is detected when the tab becomes visible', async ({ tab, network }) => {
  const chat = new Chat(tab);
  await chat.send('/count 100 20');
  await chat.readUntil('10 ');
  network.freeze();
  await tab.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await expect(chat.replyText).toHaveText(counted(100));
});

test('[L6] messages written offline are sent once and in order when the connection is back, also after a reload', async ({
  tab,
  network,
}) => {
  const chat = new Chat(tab);
  await chat.ask('/echo Zero.');
  network.cut();
  await tab.context().setOffline(true);
  await expect(tab.getByText('You are offline.')).toBeVisible();
  await chat.send('/echo One.');
  await chat.send('/echo Two.');
  await expect(tab.getByText('Will be sent when you are back online')).toHaveCount(2);
  // Without a network the reload fails; with it, the page finds the stored messages.
  await expect(tab.reload()).rejects.toThrow();
  network.mend();
  await tab.context().setOffline(false);
  await tab.reload();
  await expect(chat.replies).toHaveText([/Zero\./, /One\./, /Two\./]);
  await expect(chat.ownMessages).toHaveText([/Zero\./, /One\./, /Two\./]);
  await tab.reload();
  await expect(chat.replies).toHaveCount(3);
  await expect(chat.ownMessages).toHaveCount(3);
});

test('a message that waits for the connection can be discarded', async ({ tab, network }) => {
  const chat = new Chat(tab);
  await chat.ask('/echo Zero.');
  network.cut();
  await tab.context().setOffline(true);
  await chat.send('/echo One.');
  await expect(tab.getByText('Will be sent when you are back online')).toBeVisible();
  await chat.ownMessages.last().getByRole('button', { name: 'Edit' }).click();
  await expect(chat.composer).toHaveValue('/echo One.');
  network.mend();
  await tab.context().setOffline(false);
  await expect(tab.getByText('You are offline.')).toBeHidden();
  await chat.composer.fill('/echo Two.');
  await chat.composer.press('Enter');
  await expect(chat.replyText).toHaveText('Two.');
  await expect(chat.ownMessages).toHaveCount(2);
});

test('a thread whose scripts could not be loaded comes with the next connection, without a reload', async ({
  network,
  startServer,
  browser,
}) => {
  const server = await startServer({ PUBLIC_URL: network.url });
  network.leadTo(server.port);
  const page = await browser.newPage({ baseURL: network.url });
  const scripts = globSync('frontend/build/_app/immutable/chunks/*.js')
    .filter((path) => readFileSync(path, 'utf8').includes('role="log"'))
    .map((path) => basename(path));
  expect(scripts).not.toEqual([]);
  const isThread = (url: URL): boolean => scripts.includes(basename(url.pathname));
  await page.route(isThread, (route) => route.abort());
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.send('/echo Here.');
  await expect(page.getByRole('heading', { name: 'Something went wrong' })).toBeVisible();
  await page.unroute(isThread);
  network.cut();
  await expect(page.getByText('Reconnecting…')).toBeVisible();
  network.mend();
  await expect(chat.replyText).toHaveText('Here.');
  await page.close();
});
