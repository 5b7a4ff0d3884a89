import type { Page } from '@playwright/test';
import { Chat } from '../support/chat.ts';
import { newPerson } from '../support/people.ts';
import { seedConversation } from '../support/conversation/seed-conversation.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

/** A conversation of many pages, with a rare word at its beginning, in its middle and at its end. */
async function openLong(page: Page, databasePath: string): Promise<Chat> {
  const person = newPerson();
  await signIn(page, person);
  const texts = Array.from({ length: 700 }, (_, at) => `Message ${at} says little.`);
  for (const at of [1, 333, 699]) texts[at] = `Here is the Ångström, number ${at}.`;
  const { id } = seedConversation(databasePath, person.email, texts);
  await page.goto(`/chat/${id}`);
  await expect(page.getByText('number 699.')).toBeVisible();
  return new Chat(page);
}

test('words are found in the whole conversation, counted and scrolled to, also in messages that were not loaded', async ({
  page,
  server,
}) => {
  await openLong(page, server.databasePath);
  await page.getByRole('button', { name: 'Options for this conversation' }).click();
  await page.getByRole('menuitem', { name: 'Search in this conversation' }).click();
  const field = page.getByRole('textbox', { name: 'Search in this conversation' });
  await field.fill('angstrom');
  await expect(page.getByText('3 of 3')).toBeVisible();
  await field.press('Enter');
  await expect(page.getByText('2 of 3')).toBeVisible();
  await expect(page.getByText('number 333.')).toBeInViewport();
  await page.getByRole('button', { name: 'Previous match' }).click();
  await expect(page.getByText('1 of 3')).toBeVisible();
  await expect(page.getByText('number 1.')).toBeInViewport();
  const marks = (): Promise<number> => page.evaluate(() => CSS.highlights.get('found-words')?.size ?? 0);
  await expect.poll(marks).toBeGreaterThan(0);
  await page.getByRole('button', { name: 'Next match' }).click();
  await expect(page.getByText('number 333.')).toBeInViewport();
  await field.fill('nowhere to be found');
  await expect(page.getByText('No matches')).toBeVisible();
  await field.press('Escape');
  await expect(field).toBeHidden();
  await expect(new Chat(page).composer).toBeFocused();
  await expect.poll(marks).toBe(0);
});

test('a folded message of the user is unfolded when words are found in it', async ({ page, server }) => {
  const person = newPerson();
  await signIn(page, person);
  const own = Array.from({ length: 30 }, (_, at) => (at === 25 ? 'Ships to Zanzibar.' : `Line ${at}.`)).join('\n');
  const { id } = seedConversation(server.databasePath, person.email, [own, 'An answer.']);
  await page.goto(`/chat/${id}`);
  await expect(page.locator('.markdown.own.folded')).toHaveCount(1);
  await page.getByRole('button', { name: 'Options for this conversation' }).click();
  await page.getByRole('menuitem', { name: 'Search in this conversation' }).click();
  await page.getByRole('textbox', { name: 'Search in this conversation' }).fill('zanzibar');
  await expect(page.getByText('1 of 1')).toBeVisible();
  await expect(page.locator('.markdown.own.folded')).toHaveCount(0);
});

test('a jump leads to the first message of a long conversation', async ({ page, server }) => {
  await openLong(page, server.databasePath);
  await page.keyboard.press('Control+K');
  await page.getByRole('combobox').fill('beginning');
  await page.getByRole('option', { name: 'Go to the first message' }).click();
  await expect(page.getByText('Message 0 says little.')).toBeInViewport();
  await page.getByRole('button', { name: 'Go to the latest message' }).click();
  await expect(page.getByText('number 699.')).toBeInViewport();
});

test('the palette finds commands by synonyms, in each language', async ({ page }) => {
  await signIn(page, newPerson());
  await expect(new Chat(page).composer).toBeVisible();
  const find = async (words: string, command: string | RegExp): Promise<void> => {
    await page.getByRole('combobox').fill(words);
    await expect(page.getByRole('option', { name: command }).first()).toBeVisible();
  };
  await page.keyboard.press('Control+K');
  for (const words of ['theme', 'dark', 'light mode', 'appearance']) await find(words, 'Toggle dark mode');
  for (const words of ['language', 'german', 'Deutsch', 'de']) await find(words, 'Language: Deutsch');
  for (const words of ['logout', 'log out', 'exit']) await find(words, 'Sign out');
  for (const words of ['settings', 'account', 'preferences']) await find(words, 'Open profile');
  for (const words of ['shortcuts', 'help']) await find(words, 'Show keyboard shortcuts');
  await find('german', 'Language: Deutsch');
  await expect(page.getByRole('option', { name: /^Language/ })).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await page.keyboard.press('Control+K');
  for (const words of ['Design', 'dunkel', 'theme']) await find(words, /Dunkel|dunkle/);
  await find('abmelden', 'Abmelden');
  await find('spanisch', 'Sprache: Español');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('lang', 'es');
  await page.keyboard.press('Control+K');
  await find('sesion', 'Cerrar sesión');
  await find('frances', 'Idioma: Français');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Control+K');
  await find('deconnexion', /Se déconnecter/);
  await page.keyboard.press('Escape');
  // The language is saved with the account.
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
});
