import type { Page } from '@playwright/test';
import { scaled } from '../../backend/testing/pace.ts';
import { ADA, newPerson } from '../support/people.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

const sessionsOf = (page: Page) => page.getByRole('region', { name: 'Sessions' });
const devicesOf = (page: Page) => page.getByRole('region', { name: 'Devices' });

test('[A2] an admin sees one person live, ends their sessions, and the tabs of the person close within a second', async ({
  page,
  browser,
  server,
}) => {
  const person = newPerson('Grace');
  await signIn(page, person, '/profile');
  const laptop = await browser.newContext({ baseURL: server.url });
  const other = await laptop.newPage();
  await signIn(other, person, '/chat');
  await page.getByRole('region', { name: 'Access tokens' }).getByRole('button', { name: 'New token' }).click();
  await page.getByLabel('Name', { exact: true }).last().fill('Nightly summary');
  await page.getByRole('button', { name: 'Create token' }).click();

  const ofAda = await browser.newContext({ baseURL: server.url });
  const [admin, second] = [await ofAda.newPage(), await ofAda.newPage()];
  await signIn(admin, ADA, '/admin/users');
  await admin.getByRole('searchbox').fill(person.email);
  await admin.getByRole('link', { name: person.name }).click();
  await expect(admin.getByRole('heading', { name: person.name })).toBeVisible();
  await second.goto(admin.url());
  for (const tab of [admin, second]) {
    await expect(tab.getByText('set here')).toBeVisible();
    await expect(sessionsOf(tab).getByRole('listitem')).toHaveCount(2);
    await expect(tab.getByRole('region', { name: 'Ways to sign in' })).toContainText(person.email);
    await expect(tab.getByRole('region', { name: 'Access tokens' })).toContainText('Nightly summary');
    await expect(tab.getByRole('region', { name: 'Usage' })).toContainText('Conversations');
  }

  // A third browser signs in: it appears without a reload.
  const phone = await browser.newContext({ baseURL: server.url });
  await signIn(await phone.newPage(), person, '/profile');
  for (const tab of [admin, second]) await expect(sessionsOf(tab).getByRole('listitem')).toHaveCount(3);
  await expect(devicesOf(page).getByRole('listitem')).toHaveCount(1);
  await page.reload();
  await expect(devicesOf(page).getByRole('listitem')).toHaveCount(3);

  // The person signs out all others; the admins see it.
  await devicesOf(page).getByRole('button', { name: 'End all others' }).click();
  const asked = await page.evaluate(() => Date.now());
  await page.getByRole('dialog').getByRole('button', { name: 'End all others' }).click();
  await expect(devicesOf(page).getByText('All your other devices are signed out.')).toBeVisible();
  await expect(other.getByText('You were signed out')).toBeVisible();
  expect(Date.now() - asked).toBeLessThan(scaled(2_000));
  await expect(page.getByRole('heading', { name: 'Profile' })).toBeVisible();
  for (const tab of [admin, second]) await expect(sessionsOf(tab).getByRole('listitem')).toHaveCount(1);

  // An admin ends the token and the last session.
  await admin.getByRole('button', { name: 'End token Nightly summary' }).click();
  await admin.getByRole('dialog').getByRole('button', { name: 'End', exact: true }).click();
  for (const tab of [admin, second]) await expect(tab.getByText('No access tokens.')).toBeVisible();
  await sessionsOf(admin).getByRole('button', { name: 'End all' }).click();
  await admin.getByRole('dialog').getByRole('button', { name: 'End all' }).click();
  await expect(page.getByText('You were signed out')).toBeVisible();
  for (const tab of [admin, second]) {
    await expect(tab.getByText('Not signed in anywhere.')).toBeVisible();
    await expect(tab.getByText(`ended all sessions of ${person.email}`)).toBeVisible();
    await expect(tab.getByText(`ended the access token Nightly summary of ${person.email}`)).toBeVisible();
  }

  // The role and the deletion are the same as in the table.
  await admin.getByRole('button', { name: /^Role of/ }).click();
  await admin.getByRole('menuitemradio', { name: /^Pending/ }).click();
  await expect(second.getByRole('button', { name: `Role of ${person.name}: Pending` })).toBeVisible();
  await admin.getByRole('button', { name: `Account of ${person.name}` }).click();
  await admin.getByRole('menuitem', { name: 'Delete account…' }).click();
  await admin.getByRole('dialog').getByRole('textbox').fill(person.email);
  await admin.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  for (const tab of [admin, second]) await expect(tab.getByText('There is no such account.')).toBeVisible();
  await Promise.all([laptop, ofAda, phone].map((one) => one.close()));
});

test('the activity has filters in its address, and is saved as a CSV file with them', async ({
  page,
  browser,
  server,
}) => {
  const person = newPerson();
  const ofMary = await browser.newContext({ baseURL: server.url });
  await signIn(await ofMary.newPage(), person);
  await signIn(page, ADA, '/admin/users');
  await page.getByRole('searchbox').fill(person.email);
  await page.getByRole('link', { name: person.name }).click();
  // The list has a button of this name too.
  await expect(page.getByRole('heading', { level: 2, name: person.name })).toBeVisible();
  await page.getByRole('button', { name: `Account of ${person.name}` }).click();
  await page.getByRole('menuitem', { name: 'Disable account…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Disable account' }).click();
  await page.getByRole('link', { name: 'Show all and filter' }).click();
  const entries = page.getByRole('main').getByRole('listitem');
  await expect(entries).toHaveCount(1);
  await expect(entries.first()).toContainText(`disabled the account of ${person.email}`);

  const filters = page.getByRole('search', { name: 'Filters' });
  await filters.getByLabel('Area').selectOption('Access tokens');
  await expect(page.getByText('No activity matches these filters.')).toBeVisible();
  await filters.getByLabel('Area').selectOption('Accounts');
  await filters.getByLabel('Outcome').selectOption('Done');
  await filters.getByLabel('Person').fill(person.email);
  await expect(page).toHaveURL(
    (url) => url.search === `?person=${encodeURIComponent(person.email)}&action=user&outcome=done`,
  );
  await expect(entries).toHaveCount(1);
  await expect(filters.getByLabel('Person')).toBeFocused();

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as CSV' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^lockstep-audit-\d{4}-\d\d-\d\d\.csv$/);
  const chunks: Buffer[] = [];
  for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer);
  const lines = Buffer.concat(chunks).toString('utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain(`user.disabled,done,${person.email}`);

  // The address alone shows the same view, and a new entry appears in it if it matches.
  const other = await page.context().newPage();
  await other.goto(page.url());
  await expect(other.getByRole('main').getByRole('listitem')).toHaveCount(1);
  await expect(other.getByLabel('Outcome')).toHaveValue('done');
  await page.goto('/admin/users');
  await page.getByRole('searchbox').fill(person.email);
  await page.getByRole('button', { name: `Account of ${person.name}` }).click();
  await page.getByRole('menuitem', { name: 'Enable account' }).click();
  await expect(other.getByRole('main').getByRole('listitem')).toHaveCount(2);
  await other.getByRole('button', { name: 'Clear filters' }).click();
  await expect(other).toHaveURL((url) => url.search === '');
  await ofMary.close();
});
