import type { Page } from '@playwright/test';
import { OpenIdProvider } from '../../backend/testing/provider/openid-provider.ts';
import { Chat } from '../support/chat.ts';
import { Network } from '../support/network.ts';
import { expect, test as base } from '../support/test.ts';

interface Team {
  readonly url: string;
  readonly red: OpenIdProvider;
}

/** A server with two realms, and a third provider that cannot be reached. */
const test = base.extend<{ team: Team }>({
  team: async ({ startServer }, use) => {
    const door = await Network.start();
    const realm = (id: string) =>
      OpenIdProvider.start({
        path: `/realms/${id}`,
        lockstepUrl: door.url,
        client: { backchannel_logout_uri: `${door.url}/api/auth/backchannel-logout/${id}` },
        more: { features: { backchannelLogout: { enabled: true } }, clientAuthMethods: ['client_secret_post'] },
      });
    const [red, blue] = [await realm('red'), await realm('blue')];
    const gone = { id: 'gone', label: 'Gone', issuer: 'http://127.0.0.1:1', clientId: 'a', clientSecret: 'b' };
    const providers = [red.entry('red'), blue.entry('blue'), gone];
    const server = await startServer({ PUBLIC_URL: door.url, SIGN_IN_PROVIDERS: JSON.stringify(providers) });
    door.leadTo(server.port);
    await use({ url: door.url, red });
    await red[Symbol.asyncDispose]();
    await blue[Symbol.asyncDispose]();
    await door.dispose();
  },
});

/** Signs in on the pages of a provider, which ask for any login. */
async function agree(page: Page, login: string): Promise<void> {
  await page.getByPlaceholder('Enter any login').fill(login);
  await page.getByPlaceholder('and password').fill('whatever');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

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
  await elsewhere.goto(`${team.url}/chat`);
  await elsewhere.getByRole('button', { name: 'Continue with Realm blue' }).click();
  await agree(elsewhere, 'mary@blue.example');
  await expect(elsewhere.getByText('mary@red.example', { exact: true })).toBeVisible();

  await ways.getByRole('button', { name: 'Remove Realm blue' }).click();
  await other.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(ways.getByRole('listitem')).toHaveCount(1);
  await expect(page.getByText('mary@blue.example')).toBeHidden();
  await phone.close();
});

test('an account that somebody else uses is not added, and the page says why', async ({ team, browser, page }) => {
  const context = await browser.newContext();
  const owner = await context.newPage();
  await owner.goto(`${team.url}/chat`);
  await owner.getByRole('button', { name: 'Continue with Realm blue' }).click();
  await agree(owner, 'owner@blue.example');
  await expect(new Chat(owner).composer).toBeVisible();
  await context.close();

  await page.goto(`${team.url}/chat`);
  await page.getByRole('button', { name: 'Continue with Realm red' }).click();
  await agree(page, 'mary@red.example');
  await expect(new Chat(page).composer).toBeVisible();
  await page.goto(`${team.url}/profile`);
  await page.getByRole('button', { name: 'Add Realm blue' }).click();
  await agree(page, 'owner@blue.example');
  await expect(page.getByRole('heading', { name: 'This account was not added' })).toBeVisible();
  await expect(page.getByRole('alert')).toContainText('already used by someone in Lockstep');
  await page.getByRole('link', { name: 'Back to your profile' }).click();
  await expect(page.getByRole('region', { name: 'Ways to sign in' }).getByRole('listitem')).toHaveCount(1);
});

test('[A2] when the provider signs somebody out, every tab of theirs is signed out at once', async ({ team, page }) => {
  await page.goto(`${team.url}/chat`);
  await page.getByRole('button', { name: 'Continue with Realm red' }).click();
  await agree(page, 'mary@red.example');
  const tabs = [page, await page.context().newPage()];
  await tabs[1]?.goto(`${team.url}/chat`);
  for (const tab of tabs) await expect(new Chat(tab).composer).toBeVisible();
  const before = performance.now();
  await team.red.logOut({ sub: 'mary@red.example' });
  for (const tab of tabs) await expect(tab.getByText('You were signed out')).toBeVisible();
  console.log(`back-channel logout: both tabs were signed out after ${Math.round(performance.now() - before)} ms`);
});
