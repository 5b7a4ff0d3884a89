import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { Chat } from '../support/chat.ts';
import { newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

const GONE = 'This conversation was deleted';

async function chooseFor(chat: Chat, title: string, item: string): Promise<void> {
  await chat.openMenuOf(title);
  await chat.page.getByRole('menuitem', { name: item, exact: true }).click();
}

const undoButton = (page: Page) => page.getByRole('button', { name: 'Undo' });

test('a deleted conversation disappears in every tab at once, and Undo restores it where it was open', async ({
  page,
}) => {
  await signIn(page, newPerson());
  const first = new Chat(page);
  await first.ask('/echo Alpha');
  const address = page.url();
  const second = await first.secondTab();
  await expect(second.replies).toBeVisible();

  await chooseFor(first, 'Alpha', 'Delete');
  await expect(page).toHaveURL(/\/chat$/);
  await expect(page.getByText('Deleted')).toBeVisible();
  await expect(second.page.getByRole('heading', { name: GONE })).toBeVisible();
  for (const chat of [first, second]) await expect(chat.inSidebar('Alpha')).toBeHidden();

  await undoButton(page).click();
  await expect(page).toHaveURL(address);
  for (const chat of [first, second]) {
    await expect(chat.replyText).toHaveText('Alpha');
    await expect(chat.inSidebar('Alpha')).toBeVisible();
  }
  // It is subscribed again, not only shown.
  await first.ask('/echo And on.');
  await expect(second.replyText).toHaveText('And on.');
});

test('the undo shortcut undoes a deletion, but in a text it only undoes typing', async ({ page }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.ask('/echo Alpha');
  await page.getByRole('link', { name: 'New conversation' }).first().click();
  await expect(chat.composer).toBeFocused();
  await chooseFor(chat, 'Alpha', 'Delete');
  await expect(chat.inSidebar('Alpha')).toBeHidden();

  await chat.composer.pressSequentially('Half a thought');
  await page.keyboard.press('Control+z');
  await expect(chat.composer).not.toHaveValue('Half a thought');
  await expect(undoButton(page)).toBeVisible();
  await expect(chat.inSidebar('Alpha')).toBeHidden();

  await chat.composer.fill('');
  await page.keyboard.press('Control+z');
  await expect(chat.inSidebar('Alpha')).toBeVisible();
  await expect(undoButton(page)).toBeHidden();
});

test('Undo can be reached by keyboard', async ({ page }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.ask('/echo Alpha');
  await chooseFor(chat, 'Alpha', 'Delete');
  await expect(undoButton(page)).toBeVisible();
  await page.keyboard.press('Alt+t');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(undoButton(page)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(chat.replyText).toHaveText('Alpha');
});

test('a tab that was reloaded while its conversation was deleted shows it again after the restore', async ({
  page,
}) => {
  await signIn(page, newPerson());
  const first = new Chat(page);
  await first.ask('/echo Alpha');
  const second = await first.secondTab();
  await expect(second.replies).toBeVisible();
  await chooseFor(first, 'Alpha', 'Delete');
  await expect(second.page.getByRole('heading', { name: GONE })).toBeVisible();
  await second.page.reload();
  await expect(second.page.getByRole('heading', { name: 'Conversation not found' })).toBeVisible();
  await undoButton(page).click();
  await expect(second.replyText).toHaveText('Alpha');
});

test('an archived conversation leaves the list of every tab, opens with a banner, and can be unarchived', async ({
  page,
}) => {
  await signIn(page, newPerson());
  const first = new Chat(page);
  await first.ask('/echo Alpha');
  const address = new URL(page.url()).pathname;
  const second = await first.secondTab();
  await expect(second.replies).toBeVisible();

  await chooseFor(first, 'Alpha', 'Archive');
  for (const chat of [first, second]) {
    await expect(chat.inSidebar('Alpha')).toBeHidden();
    await expect(chat.page.getByText('This conversation is archived.')).toBeVisible();
    await expect(chat.replyText).toHaveText('Alpha');
  }

  await page.getByRole('link', { name: 'Archived', exact: true }).click();
  await expect(page.getByRole('main').getByRole('link', { name: /Alpha/ })).toHaveAttribute('href', address);
  await second.page.getByRole('button', { name: 'Unarchive', exact: true }).click();
  await expect(second.page.getByText('This conversation is archived.')).toBeHidden();
  for (const chat of [first, second]) await expect(chat.inSidebar('Alpha')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'No archived conversations' })).toBeVisible();

  await undoButton(second.page).click();
  await expect(page.getByRole('main').getByRole('link', { name: /Alpha/ })).toBeVisible();
  await page.getByRole('button', { name: 'Delete Alpha' }).click();
  await expect(page.getByRole('heading', { name: 'No archived conversations' })).toBeVisible();
  await expect(second.page.getByRole('heading', { name: GONE })).toBeVisible();
  await undoButton(page).click();
  await page.getByRole('button', { name: 'Unarchive Alpha' }).click();
  for (const chat of [first, second]) await expect(chat.inSidebar('Alpha')).toBeVisible();
});

test('the archive says that it could not be loaded, and can be retried', async ({ page }) => {
  await signIn(page, newPerson());
  const isArchive = (url: URL): boolean => url.searchParams.get('archived') === 'true';
  await page.route(isArchive, (route) => route.abort());
  await page.goto('/archive');
  // The page loads again by itself once it is connected; only after that does it wait for the user.
  await expect(page.getByText('No conversations yet')).toBeVisible();
  await expect(page.getByRole('alert')).toContainText('The archived conversations could not be loaded.');
  await page.unroute(isArchive);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { name: 'No archived conversations' })).toBeVisible();
});

test('a conversation is saved as Markdown and as JSON, with a file name made from its title', async ({ page }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.ask('/echo Über Uhren');
  const save = async (item: string): Promise<{ name: string; text: string }> => {
    await page.getByRole('button', { name: 'Options for this conversation' }).click();
    const saving = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: item }).click();
    const download = await saving;
    return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
  };
  const markdown = await save('Export as Markdown');
  expect(markdown.name).toMatch(/Über-Uhren.*\.md$/);
  expect(markdown.text).toContain('\nÜber Uhren\n');
  const json = await save('Export as JSON');
  expect(json.name).toMatch(/Über-Uhren.*\.json$/);
  expect(JSON.parse(json.text)).toMatchObject({ version: 1, messages: [{ role: 'user' }, { text: 'Über Uhren' }] });
});
