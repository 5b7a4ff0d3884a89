import type { TokenGrant } from '../../src/protocol/index.js';
import type { OpenIdProvider } from '../../testing/provider/openid-provider.js';
import { person, pkce } from '../auth/auth-server.js';
import { Browser } from '../auth/browser.js';

export interface SignedIn {
  readonly browser: Browser;
  readonly grant: TokenGrant;
}

/** The complete sign-in at this address, as in a browser. */
export async function signIn(url: string, provider: OpenIdProvider, name: string): Promise<SignedIn> {
  const browser = new Browser(url);
  const { verifier, challenge } = pkce();
  const login = await browser.get(`/api/auth/login?challenge=${challenge}&return=/`);
  const answer = await provider.authorize(login.headers.get('location') ?? '', person(name));
  const callback = await browser.get(`/api/auth/callback?${new URLSearchParams(answer).toString()}`);
  const page = new URL(callback.headers.get('location') ?? '', url);
  const code = new URLSearchParams(page.hash.slice(1)).get('code');
  const exchange = await browser.post('/api/auth/exchange', { code, verifier }, { origin: url });
  if (exchange.status !== 200) throw new Error(`Exchange answered ${exchange.status}: ${await exchange.text()}`);
  return { browser, grant: (await exchange.json()) as TokenGrant };
}
