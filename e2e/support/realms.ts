import { expect, type Page } from '@playwright/test';
import { OpenIdProvider } from '../../backend/testing/provider/openid-provider.ts';
import { Network } from './network.ts';
import type { Environment, LockstepServer } from './lockstep-server.ts';

export interface Realms extends AsyncDisposable {
  /** The address of the server, which reaches it through the network. */
  readonly url: string;
  readonly red: OpenIdProvider;
  readonly blue: OpenIdProvider;
}

/**
 * Starts two realms of one OpenID provider, and a server with both of them and others.
 * @param others more entries of `SIGN_IN_PROVIDERS`
 */
export async function startRealms(
  startServer: (environment: Environment) => Promise<LockstepServer>,
  { others = [], environment = {} }: { others?: readonly object[]; environment?: Environment } = {},
): Promise<Realms> {
  const door = await Network.start();
  const realm = (id: string): Promise<OpenIdProvider> =>
    OpenIdProvider.start({
      path: `/realms/${id}`,
      lockstepUrl: door.url,
      client: { backchannel_logout_uri: `${door.url}/api/auth/backchannel-logout/${id}` },
      more: { features: { backchannelLogout: { enabled: true } }, clientAuthMethods: ['client_secret_post'] },
    });
  const [red, blue] = [await realm('red'), await realm('blue')];
  const providers = [red.entry('red'), blue.entry('blue'), ...others];
  const server = await startServer({
    PUBLIC_URL: door.url,
    SIGN_IN_PROVIDERS: JSON.stringify(providers),
    ...environment,
  });
  door.leadTo(server.port);
  return {
    url: door.url,
    red,
    blue,
    async [Symbol.asyncDispose]() {
      await red[Symbol.asyncDispose]();
      await blue[Symbol.asyncDispose]();
      await door.dispose();
    },
  };
}

/** Signs in on the pages of a realm, which ask for any login; it is the subject and the e-mail address. */
export async function agree(page: Page, login: string): Promise<void> {
  await page.getByPlaceholder('Enter any login').fill(login);
  await page.getByPlaceholder('and password').fill('whatever');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

/** Opens a page without a session, and signs in through one of the realms on the way. */
export async function signInAt(realm: 'red' | 'blue', page: Page, login: string, address: string): Promise<void> {
  await page.goto(address);
  await page.getByRole('button', { name: `Continue with Realm ${realm}` }).click();
  await agree(page, login);
  await expect(page).toHaveURL(address);
  await expect(page.getByRole('main')).toBeVisible();
}
