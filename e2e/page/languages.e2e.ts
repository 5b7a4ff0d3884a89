import { Chat } from '../support/chat.ts';
import { newPerson } from '../support/people.ts';
import { chooseAccount, signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

test.describe('with a browser set to German', () => {
  test.use({ locale: 'de-DE' });

  test('the page is in German from the login page on', async ({ page }) => {
    await page.goto('/chat');
    await expect(page.locator('html')).toHaveAttribute('lang', 'de');
    await expect(page).toHaveTitle('Bei Lockstep anmelden · Lockstep');
    await page.getByRole('button', { name: 'Weiter mit Google' }).click();
    await chooseAccount(page, newPerson('Emmy'));
    await expect(page.getByRole('heading', { name: 'Woran arbeiten wir, Emmy?' })).toBeVisible();
    await expect(page.getByRole('textbox', { name: 'Nachricht' })).toBeVisible();
    await expect(page.locator('html')).toHaveAttribute('dir', 'ltr');
  });
});

test('a language can be chosen before signing in, and is stored', async ({ page }) => {
  await page.goto('/login');
  await page.getByRole('combobox', { name: 'Language' }).selectOption({ label: 'Español' });
  await expect(page.getByRole('heading', { name: 'Inicia sesión en Lockstep' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Inicia sesión en Lockstep' })).toBeVisible();
  await page.getByRole('combobox', { name: 'Idioma' }).selectOption('system');
  await expect(page.getByRole('heading', { name: 'Sign in to Lockstep' })).toBeVisible();
});

test('a language chosen in one tab is used at once in another, which keeps its draft', async ({ page, browser }) => {
  const person = newPerson('Simone');
  await signIn(page, person, '/profile');
  // Another browser: it gets the language from the account, not from the storage of the first one.
  const context = await browser.newContext({ baseURL: new URL(page.url()).origin });
  const other = await context.newPage();
  await signIn(other, person);
  await new Chat(other).composer.fill('Half a thou');
  await other.evaluate(() => Object.assign(window, { isSamePage: true }));

  await page.getByRole('combobox', { name: 'Language' }).selectOption({ label: 'Français' });

  await expect(page.getByRole('heading', { name: 'Apparence' })).toBeVisible();
  await expect(page).toHaveTitle('Profil · Lockstep');
  await expect(other.getByRole('heading', { name: /^Sur quoi travaillons-nous, Simone/ })).toBeVisible();
  await expect(other.locator('html')).toHaveAttribute('lang', 'fr');
  await expect(other.getByRole('textbox', { name: 'Message' })).toHaveValue('Half a thou');
  expect(await other.evaluate(() => 'isSamePage' in window)).toBe(true);

  // The next visit uses it from the start.
  await other.reload();
  await expect(other.getByRole('navigation', { name: 'Conversations' })).toBeVisible();
  await expect(other.locator('html')).toHaveAttribute('lang', 'fr');

  await page.getByRole('combobox', { name: 'Langue' }).selectOption('system');
  await expect(other.getByRole('heading', { name: /^What are we working on, Simone/ })).toBeVisible();
  await context.close();
});

test('right-to-left text is shown so in a left-to-right page', async ({ page }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.composer.fill('שלום עולם');
  expect(await chat.composer.evaluate((field) => getComputedStyle(field).direction)).toBe('rtl');
  await chat.ask('/echo שלום עולם');
  await expect(chat.replyText).toContainText('שלום עולם');
  const paragraph = chat.replyText.getByText('שלום עולם');
  expect(await paragraph.evaluate((block) => getComputedStyle(block).direction)).toBe('rtl');
  await expect(page.locator('html')).toHaveAttribute('dir', 'ltr');
});
