import { Chat } from '../support/chat.ts';
import { ADA, newPerson } from '../support/people.ts';
import { chooseAccount, signInByHand } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

test('a user who opens a page without being signed in returns to that page afterwards', async ({ page }) => {
  const person = newPerson();
  await page.goto('/profile?from=mail');
  await expect(page).toHaveURL(/\/login\?return=/);
  await page.getByRole('button', { name: 'Continue with Google' }).click();
  await chooseAccount(page, person);
  await expect(page).toHaveURL(/\/profile\?from=mail$/);
  await expect(page.getByText(person.email).first()).toBeVisible();
});

test('a reload and a new tab keep the user signed in, without a token in any URL or storage', async ({
  page,
  context,
}) => {
  const person = newPerson();
  const addresses: string[] = [];
  context.on('request', (request) => addresses.push(request.url()));
  await signInByHand(page, person);
  await page.reload();
  await expect(new Chat(page).composer).toBeVisible();
  const second = await context.newPage();
  await second.goto('/profile');
  await expect(second.getByText(person.email).first()).toBeVisible();

  const kept = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
  expect(kept).not.toMatch(/eyJ/);
  expect(addresses.filter((address) => address.includes('eyJ'))).toEqual([]);
});

test('signing out in one tab signs out all tabs, and no page can be opened again without signing in', async ({
  page,
  context,
}) => {
  await signInByHand(page, newPerson());
  const second = await context.newPage();
  await second.goto('/profile');
  await expect(second.getByRole('heading', { level: 1, name: 'Profile' })).toBeVisible();

  await new Chat(page).openAccountMenu();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/login/);
  await expect(second).toHaveURL(/\/login/);
  await second.goto('/profile');
  await expect(second).toHaveURL(/\/login\?return=/);
  await expect(second.getByRole('button', { name: 'Continue with Google' })).toBeVisible();
});

test('two tabs of one browser cannot be two users: the first follows the second', async ({ page, context }) => {
  await signInByHand(page, newPerson('Mary'));
  await page.getByText('What are we working on, Mary?').waitFor();
  // The refresh cookie is gone while the first tab still has its token, as after clearing cookies.
  await context.clearCookies();
  await signInByHand(await context.newPage(), newPerson('Percy'));
  await expect(page.getByText('What are we working on, Percy?')).toBeVisible();
});

test('a sign-in cancelled at the provider shows a message and can be repeated', async ({ page }) => {
  await page.goto('/profile');
  await page.getByRole('button', { name: 'Continue with Google' }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page).toHaveURL(/\/login-failed\?error=access_denied/);
  await expect(page.getByRole('heading', { name: 'You were not signed in' })).toBeVisible();
  await expect(page.getByRole('alert')).toContainText('Nothing was shared');
  await page.getByRole('link', { name: 'Try again' }).click();
  await page.getByRole('button', { name: 'Continue with Google' }).click();
  await chooseAccount(page, ADA);
  await expect(page).toHaveURL(/\/chat$/);
});

test('every reason for a failed sign-in has its own message and a button to continue', async ({ page }) => {
  const sentences = new Set<string>();
  const codes = [
    'state_mismatch',
    'email_missing',
    'email_unverified',
    'wrong_domain',
    'account_disabled',
    'provider_error',
    'provider_unavailable',
    'provider_misconfigured',
    'too_many_attempts',
    'made_up',
  ];
  for (const code of codes) {
    await page.goto(`/login-failed?error=${code}`);
    await expect(page.getByText(`Code: ${code}`)).toBeVisible();
    sentences.add(await page.getByRole('alert').innerText());
  }
  expect(sentences.size).toBe(codes.length);
  await page.getByRole('link', { name: 'Try again' }).click();
  await expect(page.getByRole('button', { name: 'Continue with Google' })).toBeVisible();
});
