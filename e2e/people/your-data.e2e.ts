import { readFileSync } from 'node:fs';
import { Chat } from '../support/chat.ts';
import { ADA, newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

test('everything about a person can be exported', async ({ page }) => {
  await signIn(page, newPerson());
  const chat = new Chat(page);
  await chat.send('/echo hello');
  await chat.finished();
  await page.goto('/profile');
  const downloaded = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export data' }).click();
  const file = await downloaded;
  expect(file.suggestedFilename()).toMatch(/^lockstep-[\d-]+\.zip$/);
  const archive = readFileSync(await file.path()).toString('latin1');
  expect(archive.startsWith('PK')).toBe(true);
  for (const name of ['profile.json', 'usage.json', 'conversations/']) expect(archive).toContain(name);
});

test('a person deletes their account: every tab shows the sign-in page and why, and it leaves the list of admins', async ({
  page,
  context,
  browser,
  server,
}) => {
  const person = newPerson();
  await signIn(page, person, '/profile');
  const other = await context.newPage();
  await other.goto('/chat');
  const admin = await (await browser.newContext({ baseURL: server.url })).newPage();
  await signIn(admin, ADA, '/admin/users');
  await admin.getByRole('searchbox').fill(person.email);
  await expect(admin.getByRole('row', { name: person.email })).toBeVisible();

  await page.getByRole('button', { name: 'Delete account…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete your account?' });
  const confirm = dialog.getByRole('button', { name: 'Delete account' });
  await expect(confirm).toBeDisabled();
  await dialog.getByLabel(/To confirm/).fill('somebody@example.com');
  await expect(confirm).toBeDisabled();
  await dialog.getByLabel(/To confirm/).fill(person.email.toUpperCase());
  await confirm.click();
  for (const tab of [page, other]) {
    await expect(tab.getByRole('heading', { name: 'Sign in to Lockstep' })).toBeVisible();
    await expect(tab.getByRole('status')).toHaveText(
      'Your account was deleted, and your data was removed from this device.',
    );
  }
  await expect(admin.getByRole('row', { name: person.email })).toBeHidden();
  await admin.goto('/admin/audit');
  await expect(admin.getByText(`${person.email} deleted their account`)).toBeVisible();
  await admin.context().close();
});

test('an admin deletes the account of a person, and the last admin cannot delete their own', async ({
  startServer,
  browser,
}) => {
  const server = await startServer();
  const [admin, page] = await Promise.all(
    [1, 2].map(async () => (await browser.newContext({ baseURL: server.url })).newPage()),
  );
  if (!admin || !page) throw new Error('There is no page');
  const person = newPerson();
  await signIn(page, person);
  await signIn(admin, ADA, '/admin/users');
  await admin.getByRole('button', { name: `Account of ${person.name}` }).click();
  await admin.getByRole('menuitem', { name: 'Delete account…' }).click();
  const dialog = admin.getByRole('dialog', { name: `Delete the account of ${person.name}?` });
  await dialog.getByLabel(/To confirm/).fill(person.email);
  await dialog.getByRole('button', { name: 'Delete account' }).click();
  await expect(admin.getByRole('row', { name: person.email })).toBeHidden();
  await expect(page.getByText('Your account was deleted')).toBeVisible();

  await admin.goto('/profile');
  await admin.getByRole('button', { name: 'Delete account…' }).click();
  const own = admin.getByRole('dialog', { name: 'Delete your account?' });
  await own.getByLabel(/To confirm/).fill(ADA.email);
  await own.getByRole('button', { name: 'Delete account' }).click();
  await expect(own.getByRole('alert')).toContainText('admin');
});
