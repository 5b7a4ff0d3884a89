import type { Page } from '@playwright/test';
import { Chat } from '../support/chat.ts';
import { newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

async function searchFor(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill(words);
}

const isSearch = (url: URL): boolean => url.pathname === '/api/conversations' && url.searchParams.has('q');

test('search finds text in messages, highlights it, and opens the message, also on another branch', async ({
  page,
  context,
}) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.ask('/echo The first <em>chrysanthemum</em> of autumn');
  const address = page.url();
  await chat.ownMessages.hover();
  await chat.ownMessages.getByRole('button', { name: 'Edit message' }).click();
  await page.getByRole('textbox', { name: 'Edit message' }).fill('/echo Something else altogether');
  await page.keyboard.press('Enter');
  await expect(chat.replyText).toHaveText('Something else altogether');
  await chat.finished();
  const second = new Chat(await context.newPage());
  await second.page.goto(address);
  await expect(second.replyText).toHaveText('Something else altogether');

  await page.getByRole('link', { name: 'New conversation' }).first().click();
  await searchFor(page, 'chrysanth autumn');
  await page.getByRole('combobox').fill('first chrysanth');
  const hit = page.getByRole('option', { name: /first/ });
  await expect(hit.locator('mark')).toHaveText(['first', /^chrysanth/]);
  // Text in a message that looks like markup stays text.
  await expect(hit).toContainText('<em>');
  await hit.click();

  await expect(page).toHaveURL(/\?message=/);
  for (const { replyText } of [chat, second]) await expect(replyText).toContainText('The first');
  await expect(page.locator('.highlighted')).toContainText('chrysanthemum');
});

test('a search without results shows its words, and commands are found too', async ({ page }) => {
  await signIn(page, newPerson());
  await new Chat(page).composer.waitFor();
  await searchFor(page, 'zzyzx');
  await expect(page.getByText('No results for “zzyzx”.')).toBeVisible();
  await page.getByRole('combobox').fill('dark');
  await expect(page.getByRole('option', { name: 'Toggle dark mode' })).toBeVisible();
});

test('a failed search shows a message and can be retried', async ({ page }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.ask('/echo Gamma');
  await page.route(isSearch, (route) => route.abort());
  await searchFor(page, 'gamma');
  await expect(page.getByRole('alert')).toContainText('The server cannot be reached.');
  await page.unroute(isSearch);
  await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('option', { name: /Gamma/ })).toBeVisible();
  await expect(page.getByRole('alert')).toBeHidden();
});

test('offline, the titles in the list are searched, with a message', async ({ page, context }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.ask('/echo Delta');
  await expect(chat.inSidebar('Delta')).toBeVisible();
  // The palette is loaded on demand.
  await searchFor(page, 'delta');
  await context.setOffline(true);
  await expect(page.getByText('You are offline. Only the titles')).toBeVisible();
  await expect(page.getByRole('option', { name: /Delta/ })).toBeVisible();
  await page.getByRole('combobox').fill('epsilon');
  await expect(page.getByRole('option', { name: /Delta/ })).toBeHidden();
  await context.setOffline(false);
  await expect(page.getByText('No results for “epsilon”.')).toBeVisible();
});
