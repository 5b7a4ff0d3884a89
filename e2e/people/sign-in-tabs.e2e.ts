import { Chat } from '../support/chat.ts';
import { newPerson } from '../support/people.ts';
import { chooseAccount, signInByHand } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

const BUTTON = { name: 'Continue with Google' };

test('two tabs that sign in at once both come to where they wanted, whichever is first', async ({ context }) => {
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
  // The first one is still signed in, and works.
  await tabs[0].reload();
  await expect(tabs[0].getByText(person.email).first()).toBeVisible();
  await tabs[0].goto('/chat');
  await new Chat(tabs[0]).ask('/echo Both.');
});

test('a sign-in that was begun in one tab can end in another', async ({ context }) => {
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

test('a tab that waits at the door follows when another one has signed in', async ({ context }) => {
  const waiting = await context.newPage();
  await waiting.goto('/archive');
  await expect(waiting.getByRole('button', BUTTON)).toBeVisible();
  await signInByHand(await context.newPage(), newPerson());
  await expect(waiting).toHaveURL(/\/archive$/);
});

test('the way back after signing in leads into the page again, without a word about a failure', async ({ page }) => {
  await page.goto('/profile');
  await page.getByRole('button', BUTTON).click();
  await chooseAccount(page, newPerson());
  await expect(page).toHaveURL(/\/profile$/);
  // First the provider's page, which has nothing to ask any more, and then the door.
  await page.goBack();
  await page.goBack();
  await expect(page).toHaveURL(/\/profile$/);
  await expect(page.getByRole('heading', { level: 1, name: 'Profile' })).toBeVisible();
});

test('the address of a finished sign-in is of no use a second time, and does no harm', async ({ page }) => {
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

test('a code that cannot be traded because the server is away is traded when it is back', async ({ page }) => {
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
