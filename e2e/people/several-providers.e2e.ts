import { Chat } from '../support/chat.ts';
import { agree, type Realms, signInAt, startRealms } from '../support/realms.ts';
import { expect, test as base } from '../support/test.ts';

/** A server with two realms, and a third provider that cannot be reached. */
const test = base.extend<{ team: Realms }>({
  team: async ({ startServer }, use) => {
    const gone = { id: 'gone', label: 'Gone', issuer: 'http://127.0.0.1:1', clientId: 'a', clientSecret: 'b' };
    await using realms = await startRealms(startServer, { others: [gone] });
    await use(realms);
  },
});

test('a second provider is added on the profile page and then signs in to the same account', async ({
  team,
  page,
  browser,
}) => {
  await page.goto(`${team.url}/chat`);
  await expect(page.getByRole('button', { name: 'Continue with Gone' })).toBeDisabled();
  await expect(page.getByText('Gone is not available right now.')).toBeVisible();
  await page.getByRole('button', { name: 'Continue with Realm red' }).click();
  await agree(page, 'mary@red.example');
  await expect(new Chat(page).composer).toBeVisible();

  const other = await page.context().newPage();
  await other.goto(`${team.url}/profile`);
  const ways = other.getByRole('region', { name: 'Ways to sign in' });
  await expect(ways.getByRole('listitem')).toHaveCount(1);
  await page.goto(`${team.url}/profile`);
  await page.getByRole('button', { name: 'Add Realm blue' }).click();
  await agree(page, 'mary@blue.example');
  await expect(page.getByRole('region', { name: 'Ways to sign in' }).getByRole('listitem')).toHaveCount(2);
  // In step: the other tab was not touched.
  await expect(ways.getByText('mary@blue.example')).toBeVisible();

  const phone = await browser.newContext();
  const elsewhere = await phone.newPage();
  await signInAt('blue', elsewhere, 'mary@blue.example', `${team.url}/chat`);
  await expect(elsewhere.getByText('mary@red.example', { exact: true })).toBeVisible();

  await ways.getByRole('button', { name: 'Remove Realm blue' }).click();
  await other.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(ways.getByRole('listitem')).toHaveCount(1);
  await expect(page.getByText('mary@blue.example')).toBeHidden();
  await phone.close();
});

test('an account that another person uses is not added, and the page says why', async ({ team, browser, page }) => {
  const context = await browser.newContext();
  const owner = await context.newPage();
  await signInAt('blue', owner, 'owner@blue.example', `${team.url}/chat`);
  await expect(new Chat(owner).composer).toBeVisible();
  await context.close();

  await signInAt('red', page, 'mary@red.example', `${team.url}/chat`);
  await expect(new Chat(page).composer).toBeVisible();
  await page.goto(`${team.url}/profile`);
  await page.getByRole('button', { name: 'Add Realm blue' }).click();
  await agree(page, 'owner@blue.example');
  await expect(page.getByRole('heading', { name: 'This account was not added' })).toBeVisible();
  await expect(page.getByRole('alert')).toContainText('already used by someone in Lockstep');
  await page.getByRole('link', { name: 'Back to your profile' }).click();
  await expect(page.getByRole('region', { name: 'Ways to sign in' }).getByRole('listitem')).toHaveCount(1);
});

test('[A2] when the provider signs a person out, every tab of theirs is signed out at once', async ({ team, page }) => {
  await signInAt('red', page, 'mary@red.example', `${team.url}/chat`);
  const tabs = [page, await page.context().newPage()];
  await tabs[1]?.goto(`${team.url}/chat`);
  for (const tab of tabs) await expect(new Chat(tab).composer).toBeVisible();
  const before = performance.now();
  await team.red.logOut({ sub: 'mary@red.example' });
  for (const tab of tabs) await expect(tab.getByText('You were signed out')).toBeVisible();
  console.log(`back-channel logout: both tabs were signed out after ${Math.round(performance.now() - before)} ms`);
});
