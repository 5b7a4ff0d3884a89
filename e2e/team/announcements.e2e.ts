import type { Locator, Page } from '@playwright/test';
import { scaled } from '../../backend/testing/pace.ts';
import { Chat } from '../support/chat.ts';
import { delayOf } from '../support/moments.ts';
import { ADA, newPerson } from '../support/people.ts';
import { chooseRole } from '../support/roles.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

/** The banner with this text; the form of an admin has its preview elsewhere. */
const banner = (page: Page, text: string): Locator =>
  page
    .getByRole('status')
    .filter({ has: page.getByRole('button', { name: 'Close this announcement' }) })
    .getByText(text);

async function announce(admin: Page, text: string, roles: readonly string[] = []): Promise<number> {
  await admin.getByRole('textbox', { name: 'Text', exact: true }).fill(text);
  if (roles.length > 0) {
    for (const role of ['Pending', 'User', 'Admin']) {
      await admin.getByRole('checkbox', { name: role }).setChecked(roles.includes(role));
    }
  }
  const at = await admin.evaluate(() => Date.now());
  await admin.getByRole('button', { name: 'Show announcement' }).click();
  await expect(admin.getByText('The announcement is shown.')).toBeVisible();
  return at;
}

test('an announcement stands in every open tab within a second, follows the role, and is closed for the person in all tabs', async ({
  startServer,
  browser,
}) => {
  const server = await startServer();
  const [ofAda, ofMary, ofMaryElsewhere] = await Promise.all(
    [1, 2, 3].map(() => browser.newContext({ baseURL: server.url })),
  );
  if (!ofAda || !ofMary || !ofMaryElsewhere) throw new Error('three contexts');
  const person = newPerson();
  const [admin, one, other] = [await ofAda.newPage(), await ofMary.newPage(), await ofMaryElsewhere.newPage()];
  await signIn(one, person);
  await signIn(other, person, '/profile');
  await signIn(admin, ADA, '/admin/announcements');
  await expect(new Chat(one).composer).toBeVisible();

  const text = 'The chat is updated tonight at ten.';
  expect(await delayOf([one, other], text, () => announce(admin, text))).toBeLessThan(scaled(1_000));

  // Someone who comes later, and another one that is for admins alone.
  await announce(admin, 'For admins: look at the dashboard.', ['Admin']);
  const later = await ofMary.newPage();
  await later.goto('/chat');
  await expect(banner(later, text)).toBeVisible();
  await expect(banner(later, 'For admins')).toBeHidden();

  const users = await ofAda.newPage();
  await users.goto('/admin/users');
  await chooseRole(users, person, 'Admin');
  for (const tab of [one, other, later]) await expect(banner(tab, 'For admins')).toBeVisible();
  await chooseRole(users, person, 'User');
  for (const tab of [one, other, later]) {
    await expect(banner(tab, 'For admins')).toBeHidden();
    await expect(banner(tab, text)).toBeVisible();
  }

  await one.getByRole('button', { name: 'Close this announcement' }).click();
  for (const tab of [one, other, later]) await expect(banner(tab, text)).toBeHidden();
  await expect(banner(users, text)).toBeVisible();
  await other.reload();
  await expect(other.getByRole('heading', { name: 'Profile' })).toBeVisible();
  await expect(banner(other, text)).toBeHidden();

  await announce(admin, 'Until it is withdrawn.', ['User']);
  for (const tab of [one, other, later]) await expect(banner(tab, 'Until it is withdrawn.')).toBeVisible();
  await admin.getByRole('button', { name: 'Withdraw “Until it is withdrawn.”' }).click();
  for (const tab of [one, other, later]) await expect(banner(tab, 'Until it is withdrawn.')).toBeHidden();
  await expect(admin.getByText(/^Withdrawn/)).toBeVisible();

  await users.goto('/admin/audit');
  await expect(users.getByText('withdrew the announcement “Until it is withdrawn.”')).toBeVisible();
  await Promise.all([ofAda, ofMary, ofMaryElsewhere].map((context) => context.close()));
});

test('an announcement ends by the clock of the server in a tab whose own clock is an hour behind', async ({
  startServer,
  browser,
}) => {
  const server = await startServer();
  const [ofAda, ofMary] = [
    await browser.newContext({ baseURL: server.url }),
    await browser.newContext({ baseURL: server.url }),
  ];
  const [admin, page] = [await ofAda.newPage(), await ofMary.newPage()];
  await page.addInitScript(() => {
    const now = Date.now.bind(Date);
    Date.now = () => now() - 3_600_000;
  });
  await signIn(page, newPerson());
  const grant = admin.waitForResponse('**/api/auth/refresh');
  await signIn(admin, ADA, '/admin/announcements');
  const { accessToken } = (await (await grant).json()) as { accessToken: string };
  const endsAt = Date.now() + 3_000;
  const response = await admin.request.post('/api/admin/announcements', {
    maxRetries: 2,
    headers: { authorization: `Bearer ${accessToken}` },
    data: { text: 'For a moment', tone: 'warning', endsAt },
  });
  expect(response.status()).toBe(201);
  await expect(banner(page, 'For a moment')).toBeVisible();
  await expect(banner(page, 'For a moment')).toBeHidden();
  expect(Date.now()).toBeGreaterThanOrEqual(endsAt - 100);
  expect(Date.now()).toBeLessThan(endsAt + scaled(2_000));
  await expect(admin.getByText(/^Ended/)).toBeVisible({ timeout: 40_000 });
  await Promise.all([ofAda.close(), ofMary.close()]);
});

test('the form of an announcement says what is missing, and keeps what was typed', async ({ page }) => {
  await signIn(page, ADA, '/admin/announcements');
  await page.getByRole('button', { name: 'Show announcement' }).click();
  await expect(page.getByRole('alert')).toHaveText('Write what people should know.');
  const text = page.getByRole('textbox', { name: 'Text', exact: true });
  await expect(text).toBeFocused();
  await text.fill('x'.repeat(501));
  await expect(page.getByRole('alert')).toHaveText('At most 500 characters.');
  await text.fill('Maintenance');
  await page.getByLabel('Show until').fill('2020-01-01T00:00');
  for (const role of ['Pending', 'User', 'Admin']) await page.getByRole('checkbox', { name: role }).uncheck();
  await page.getByRole('button', { name: 'Show announcement' }).click();
  await expect(page.getByRole('alert')).toHaveText(['Choose at least one role.', 'Choose a time in the future.']);
  await expect(text).toHaveValue('Maintenance');
});
