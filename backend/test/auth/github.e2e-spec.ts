import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Github, type GithubAccount } from '../../testing/provider/github.js';
import type { TokenGrant } from '../../src/protocol/index.js';
import { AuthServer, pkce } from './auth-server.js';

let github: Github;
let server: AuthServer;
beforeAll(async () => {
  github = await Github.start();
  const providers = [
    github.entry(),
    github.entry({ id: 'wrong', issuer: github.url.replace('127.0.0.1', 'localhost'), clientSecret: 'x' }),
  ];
  server = await AuthServer.start({ env: { SIGN_IN_PROVIDERS: JSON.stringify(providers) } });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await github[Symbol.asyncDispose]();
});

const octocat: GithubAccount = {
  id: 583_231,
  login: 'octocat',
  name: null,
  avatar_url: 'https://avatars.githubusercontent.com/u/583231?v=4',
  emails: [
    { email: 'other@example.com', primary: false, verified: true },
    { email: 'octocat@example.com', primary: true, verified: true },
  ],
};

async function comeBack(
  account: GithubAccount,
  id = 'github',
  change: (query: URLSearchParams) => void = () => undefined,
) {
  const browser = server.browser();
  const { challenge, verifier } = pkce();
  const start = await browser.get(`/api/auth/login?provider=${id}&challenge=${challenge}`);
  const address = start.headers.get('location') ?? '';
  const query = new URLSearchParams({ ...github.authorize(address, account) });
  change(query);
  const response = await browser.get(`/api/auth/callback?${query.toString()}`);
  return { browser, verifier, address, location: response.headers.get('location') ?? '' };
}

async function signIn(account: GithubAccount): Promise<TokenGrant> {
  const { browser, verifier, location } = await comeBack(account);
  const code = new URLSearchParams(location.slice(location.indexOf('#') + 1)).get('code') ?? '';
  return (await (await browser.post('/api/auth/exchange', { code, verifier })).json()) as TokenGrant;
}

describe('sign-in with GitHub', () => {
  it('asks for nothing but the profile and the e-mail addresses, with PKCE', async () => {
    const { searchParams, pathname } = new URL((await comeBack(octocat)).address);
    expect(pathname).toBe('/login/oauth/authorize');
    expect(Object.fromEntries(searchParams)).toMatchObject({
      redirect_uri: `${server.url}/api/auth/callback`,
      scope: 'read:user user:email',
      code_challenge_method: 'S256',
    });
  });

  it('takes the primary address, and the login of an account without a name', async () => {
    const { user } = await signIn(octocat);
    expect(user).toMatchObject({ email: 'octocat@example.com', name: 'octocat' });
  });

  it('finds the account by its number, whatever is renamed', async () => {
    const { user } = await signIn(octocat);
    const renamed = await signIn({
      ...octocat,
      login: 'cat',
      emails: [{ email: 'cat@example.com', primary: true, verified: true }],
    });
    expect(renamed.user).toMatchObject({ id: user.id, email: 'cat@example.com' });
  });

  it.each<[string, readonly GithubAccount['emails'][number][], string]>([
    ['is not verified', [{ email: 'a@example.com', primary: true, verified: false }], 'email_unverified'],
    ['is missing', [], 'email_missing'],
  ])('refuses an account whose address %s', async (_what, emails, code) => {
    const { location } = await comeBack({ ...octocat, emails });
    expect(location).toBe(`/login-failed?error=${code}&provider=github`);
  });

  it('refuses a code that GitHub does not know, and one without its verifier', async () => {
    const { location } = await comeBack(octocat, 'github', (query) => query.set('code', 'forged'));
    expect(location).toBe('/login-failed?error=provider_error&provider=github');
    const other = github.authorize(`${github.url}/?code_challenge=x`, octocat).code;
    const injected = await comeBack(octocat, 'github', (query) => query.set('code', other));
    expect(injected.location).toBe('/login-failed?error=provider_error&provider=github');
  });

  it('says that the secret is wrong, which only the operator can mend', async () => {
    expect((await comeBack(octocat, 'wrong')).location).toBe(
      '/login-failed?error=provider_misconfigured&provider=wrong',
    );
  });
});
