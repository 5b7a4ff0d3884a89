import { Chat } from '../support/chat.ts';
import { newPerson } from '../support/people.ts';
import { chooseAccount, signInByHand } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

const BUTTON = { name: 'Continue with Google' };

test('two tabs that sign in at once both reach their pages, in any order', async ({ context }) => {
  const person = newPerson();
  const tabs = [await context.newPage(), await context.newPage()] as const;
  await tabs[0].goto('/profile');
  await tabs[1].goto('/archive');
  await Promise.all(tabs.map((tab) => tab.getByRole('button', BUTTON).click()));
  await chooseAccount(tabs[0], person);
  await expect(tabs[0]).toHaveURL(/\/profile$/);
  await chooseAccount(tabs[1], person);
  await expect(tabs[1]).toHaveURL(/\/archive$/);
  await expect(tabs[1].getByRole('heading', { level: 1, name: 'Archived', exact: true })).toBeVisible();
  // The first tab is still signed in, and works.
  await tabs[0].reload();
  await expect(tabs[0].getByText(person.email).first()).toBeVisible();
  await tabs[0].goto('/chat');
  await new Chat(tabs[0]).ask('/echo Both.');
});

test('a sign-in that began in one tab can end in another', async ({ context }) => {
  const first = await context.newPage();
  await first.goto('/profile');
  await first.getByRole('button', BUTTON).click();
  await expect(first.getByRole('heading', { name: 'Choose an account' })).toBeVisible();
  const address = first.url();
  await first.close();
  const second = await context.newPage();
  await second.goto(address);
  await chooseAccount(second, newPerson());
  await expect(second).toHaveURL(/\/profile$/);
});

test('a tab on the login page continues when another one has signed in', async ({ context }) => {
  const waiting = await context.newPage();
  await waiting.goto('/archive');
  await expect(waiting.getByRole('button', BUTTON)).toBeVisible();
  await signInByHand(await context.newPage(), newPerson());
  await expect(waiting).toHaveURL(/\/archive$/);
});

test('the back button after signing in leads to the page again, without an error', async ({ page }) => {
  await page.goto('/profile');
  await page.getByRole('button', BUTTON).click();
  await chooseAccount(page, newPerson());
  await expect(page).toHaveURL(/\/profile$/);
  // First the provider's page, which redirects at once, and then the login page.
  await page.goBack();
  await page.goBack();
  await expect(page).toHaveURL(/\/profile$/);
  await expect(page.getByRole('heading', { level: 1, name: 'Profile' })).toBeVisible();
});

test('the callback URL of a finished sign-in has no effect a second time', async ({ page }) => {
  const addresses: string[] = [];
  page.on('framenavigated', (frame) => addresses.push(frame.url()));
  page.on('request', (request) => addresses.push(request.url()));
  await signInByHand(page, newPerson());
  const callback = addresses.find((address) => address.includes('/api/auth/callback?')) ?? '';
  expect(callback).not.toBe('');
  await page.goto(callback);
  await expect(page).toHaveURL(/\/chat$/);
  await expect(new Chat(page).composer).toBeVisible();
});

test('a code that cannot be exchanged while the server is down is exchanged when it is back', async ({ page }) => {
  await page.route('**/api/auth/exchange', (route) => route.abort());
  await page.goto('/profile');
  await page.getByRole('button', BUTTON).click();
  await chooseAccount(page, newPerson());
  await expect(page.getByRole('alert')).toContainText('cannot be reached');
  expect(page.url()).not.toContain('code=');
  await page.unroute('**/api/auth/exchange');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page).toHaveURL(/\/profile$/);
});
