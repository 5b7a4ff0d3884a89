import { readFile } from 'node:fs/promises';
import { scaled } from '../../backend/testing/pace.ts';
import { Chat } from '../support/chat.ts';
import { ADA, newPerson } from '../support/people.ts';
import { seedUsage } from './seed-usage.ts';
import { signIn } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';

test('an admin watches replies begin and end without reloading, and stops one', async ({ startServer, browser }) => {
  const server = await startServer();
  const [admin, person] = [
    await (await browser.newContext({ baseURL: server.url })).newPage(),
    await (await browser.newContext({ baseURL: server.url })).newPage(),
  ];
  const mary = newPerson();
  await signIn(person, mary);
  await signIn(admin, ADA, '/admin/dashboard');
  await expect(admin.getByText('No reply is being written.')).toBeVisible();
  const requests: string[] = [];
  admin.on('request', (request) => requests.push(new URL(request.url()).pathname));

  const chat = new Chat(person);
  await chat.send('Tell me a long story, please.');
  const stop = admin.getByRole('button', { name: new RegExp(`^Stop the reply of .* to ${mary.name}$`) });
  await expect(stop).toBeVisible({ timeout: scaled(2_000) });
  await expect(admin.getByText(/^1\s*being written right now/)).toBeVisible();
  await expect(chat.replyText).not.toBeEmpty();
  await stop.click();
  await expect(admin.getByText('No reply is being written.')).toBeVisible({ timeout: scaled(2_000) });
  await expect(chat.thread.getByText('An admin stopped this reply.')).toBeVisible();
  // The charts have the new tokens too, and the page asks only when something has happened.
  await expect(admin.getByRole('heading', { name: 'Tokens', exact: true })).toBeVisible();
  expect(requests.filter((path) => path === '/api/admin/dashboard').length).toBeLessThan(6);

  await admin.goto('/admin/audit');
  await expect(admin.getByText(`stopped a reply of`).first()).toBeVisible();
});

test('charts have a table for those who do not see them, and usage is filtered by its address and saved as CSV', async ({
  startServer,
  browser,
}) => {
  const server = await startServer();
  const admin = await (await browser.newContext({ baseURL: server.url })).newPage();
  await signIn(admin, ADA, '/admin/dashboard');
  seedUsage(server.databasePath, ADA.email, 40);
  await admin.getByRole('button', { name: '30 days' }).click();
  const tokens = admin.getByRole('region', { name: 'Tokens' }).first();
  await tokens.getByText('Show as a table').click();
  await expect(tokens.getByRole('columnheader', { name: 'gpt-5' })).toBeVisible();
  await expect(tokens.getByRole('row')).toHaveCount(31);
  await expect(tokens.locator('canvas')).toBeVisible();

  await admin.getByRole('link', { name: 'Usage' }).click();
  // Twelve a day, of which today has had only some.
  const ofAda = admin.getByRole('row', { name: /Ada Lovelace/ });
  await expect(ofAda.getByRole('cell').first()).toHaveText(/^(349|35\d|360)$/);
  await admin.getByRole('button', { name: 'By model' }).click();
  await expect(admin).toHaveURL(/by=model/);
  await admin.getByRole('button', { name: '7 days' }).click();
  await admin.reload();
  await expect(admin.getByRole('button', { name: 'By model' })).toHaveAttribute('aria-pressed', 'true');
  await expect(admin.getByRole('row', { name: /mistral-large/ })).toBeVisible();
  const download = admin.waitForEvent('download');
  await admin.getByRole('button', { name: 'Download CSV' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('usage-by-model.csv');
  const lines = (await readFile(await file.path(), 'utf8')).trim().split('\r\n');
  expect(lines[0]).toContain('model,runs,failed,stopped');
  expect(lines).toHaveLength(4);
});
