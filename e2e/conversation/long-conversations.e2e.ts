import { openConversation } from '../support/conversation/open-conversation.ts';
import { expect, test } from '../support/test.ts';
import { scaled } from '../../backend/testing/pace.ts';

/** Message number `at` of a long talk: of changing length, so that no height can be guessed. */
const said = (at: number): string =>
  at % 2 === 0
    ? `Question ${at}`
    : `Answer ${at}\n\n${`Sentence of answer ${at}. `.repeat(1 + ((at * 7) % 40))}\n\n- a\n- b`;
const talk = (length: number): string[] => Array.from({ length }, (_, at) => said(at));

test('a long conversation opens at its end, loads what came before as one scrolls up, and draws little of it', async ({
  page,
  server,
}) => {
  const chat = await openConversation(page, server.databasePath, talk(1_000));
  const last = chat.thread.getByText('Answer 999', { exact: true });
  await expect(last).toBeInViewport();
  await expect(chat.replyText.getByRole('listitem').last()).toBeInViewport();

  await chat.thread.hover();
  await expect(async () => {
    await page.mouse.wheel(0, -20_000);
    await expect(chat.thread.getByText('Question 0', { exact: true })).toBeInViewport({ timeout: 500 });
  }).toPass({ timeout: scaled(90_000) });
  // All of the thousand are loaded, and few of them are elements.
  await expect(chat.thread.getByText(`Answer 1`, { exact: true })).toBeVisible();
  expect(await chat.thread.getByRole('article').count()).toBeLessThan(40);
  expect(await chat.thread.evaluate((thread) => thread.querySelectorAll('*').length)).toBeLessThan(2_500);

  await page.getByRole('button', { name: 'Go to the latest message' }).click();
  await expect(last).toBeInViewport();
});

test('what is read stays where it is while older messages come above it', async ({ page, server }) => {
  const gate = Promise.withResolvers<void>();
  await page.route('**/messages?*', async (route) => {
    await gate.promise;
    await route.continue();
  });
  const chat = await openConversation(page, server.databasePath, talk(200));
  await chat.thread.evaluate((thread) => thread.scrollTo({ top: 0 }));
  const reading = chat.thread.getByText('Question 150', { exact: true });
  const topOf = (): Promise<number> => reading.evaluate((element) => element.getBoundingClientRect().top);
  await expect(reading).toBeInViewport();
  await expect(chat.thread.getByRole('img', { name: 'Loading older messages' })).toBeVisible();
  // What is above it is being measured for the first time.
  let before = await topOf();
  await expect(async () => {
    const earlier = before;
    before = await topOf();
    expect(before).toBe(earlier);
  }).toPass({ intervals: [300] });
  gate.resolve();
  await expect.poll(() => chat.thread.evaluate(({ scrollTop }) => scrollTop)).toBeGreaterThan(1_000);
  await expect(chat.thread.getByText('Answer 149', { exact: true })).toBeVisible();
  expect(Math.abs((await topOf()) - before)).toBeLessThan(3);
});

test('a reply that grows keeps its end in view, until the reader scrolls up and until the button', async ({
  page,
  server,
}) => {
  const chat = await openConversation(page, server.databasePath, talk(60));
  const endIsNear = (): Promise<boolean> =>
    chat.thread.evaluate(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight < 48);
  await chat.send('/count 100000 100');
  await chat.readUntil('400 ');
  expect(await endIsNear()).toBe(true);

  await chat.thread.hover();
  await page.mouse.wheel(0, -600);
  const back = page.getByRole('button', { name: 'Go to the latest message' });
  await expect(back).toBeVisible();
  const place = await chat.thread.evaluate(({ scrollTop }) => scrollTop);
  const words = (await chat.replyText.innerText()).length;
  await expect.poll(async () => (await chat.replyText.innerText()).length).toBeGreaterThan(words + 500);
  expect(Math.abs((await chat.thread.evaluate(({ scrollTop }) => scrollTop)) - place)).toBeLessThan(3);

  await back.click();
  await expect(back).toBeHidden();
  await expect.poll(endIsNear).toBe(true);
  await chat.stopButton.click();
  await chat.finished();
});

test('a reply stays drawn while it is written, however far up the reader is', async ({ page, server }) => {
  const chat = await openConversation(page, server.databasePath, talk(120));
  await chat.send('/count 100000 100');
  await chat.readUntil('20 ');
  await chat.thread.evaluate((thread) => thread.scrollTo({ top: 0 }));
  await expect(chat.thread.getByText('Question 120', { exact: true })).toHaveCount(0);
  const words = (await chat.replyText.textContent())?.length ?? 0;
  await expect.poll(async () => (await chat.replyText.textContent())?.length ?? 0).toBeGreaterThan(words + 200);
  await chat.stopButton.click();
});

test('an address that names a message opens the conversation there, and shows which one is meant', async ({
  page,
  server,
}) => {
  const chat = await openConversation(page, server.databasePath, talk(1_000), 301);
  const sought = chat.thread.getByText('Answer 301', { exact: true });
  await expect(sought).toBeInViewport();
  const row = chat.thread.locator('.highlighted');
  await expect(row).toContainText('Answer 301');
  await expect(row).toHaveCount(0);
  await expect(sought).toBeInViewport();
  await expect(page.getByRole('button', { name: 'Go to the latest message' })).toBeVisible();
});
