import { resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { Chat } from '../support/chat.ts';
import type { LockstepServer } from '../support/lockstep-server.ts';
import { newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

const METRICS_TOKEN = 'a-token-for-this-test';
const ENVIRONMENT = { METRICS_TOKEN, NODE_OPTIONS: `--import=${resolve('e2e/support/time-passes.preload.ts')}` };

/** Freezes the page until it is thawed: no timers, no messages. Headless Chromium offers no other way. */
async function freeze(page: Page): Promise<{ thaw: () => Promise<void> }> {
  const devtools = await page.context().newCDPSession(page);
  const paused = new Promise((done) => devtools.once('Debugger.paused', done));
  await devtools.send('Debugger.enable');
  await devtools.send('Debugger.pause');
  await paused;
  return { thaw: () => devtools.detach() };
}

async function socketsOf(server: LockstepServer): Promise<number> {
  const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
  const metrics = await (await fetch(`${server.url}/metrics`, { headers })).text();
  return Number(/^lockstep_sockets (\d+)$/m.exec(metrics)?.[1]);
}

const textsOf = (chat: Chat): Promise<string[]> =>
  chat.thread.getByRole('article').locator('.markdown').allInnerTexts();

test('[L4] [L10] a tab that was frozen until its token expired catches up when it thaws, and is still signed in', async ({
  startServer,
  browser,
}) => {
  const server = await startServer(ENVIRONMENT);
  const context = await browser.newContext({ baseURL: server.url });
  const frozen = new Chat(await context.newPage());
  await signIn(frozen.page, newPerson());
  await frozen.send('/count 40 20');
  const before = await frozen.readUntil('5 ');
  const other = await frozen.secondTab();
  await other.readUntil('5 ');
  const { thaw } = await freeze(frozen.page);
  await other.finished();
  await other.ask('/echo Said before the tokens run out.');

  server.signal('SIGUSR2');
  // Both sockets are closed. The other tab reconnects with a new token, which the frozen one does not notice.
  await expect.poll(() => socketsOf(server)).toBe(1);
  await other.ask('/echo Said after that.');

  await thaw();
  await expect(frozen.replyText).toHaveText('Said after that.');
  const texts = await textsOf(frozen);
  expect(texts).toEqual(await textsOf(other));
  expect(texts.some((text) => text.startsWith(before.trimEnd()))).toBe(true);
  await expect(frozen.ownMessages).toHaveCount(3);
  await frozen.ask('/echo Said by the tab that was frozen.');
  await expect(other.replyText).toHaveText('Said by the tab that was frozen.');
  await other.finished();
  await expect(other.ownMessages).toHaveCount(4);
  expect(await textsOf(frozen)).toEqual(await textsOf(other));
  await context.close();
});
