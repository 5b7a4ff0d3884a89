import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AdminUser } from '../../src/protocol/index.js';
import type { ProviderList } from '../../src/protocol/http/index.js';
import { answers, type Misbehaviour } from '../../testing/provider/faults.js';
import type { Profile } from '../../testing/provider/openid-provider.js';
import { AuthServer, person, pkce, type SignInAt } from './auth-server.js';
import { Realms } from './realms.js';

let realms: Realms;
let server: AuthServer;
beforeAll(async () => {
  realms = await Realms.start();
  ({ server } = realms);
});
afterAll(() => realms[Symbol.asyncDispose]());

const me = async (token: string): Promise<unknown> => (await server.fetch('/api/profile/me', token)).json();

describe('sign-in with several providers', () => {
  beforeEach(() => {
    realms.blue.tokenMisbehaves = undefined;
  });

  it('opens a session with a verified ID token and signed userinfo', async () => {
    const { grant } = await server.signIn(
      { ...person('rita'), groups: ['staff', 'choir'] },
      server.browser(),
      realms.atRed(),
    );
    expect(grant.user).toMatchObject({ email: 'rita@example.com', name: 'rita', role: 'user' });
    expect(await me(grant.accessToken)).toEqual(grant.user);
  });

  it('keeps two realms of one host apart, whatever subject they send', async () => {
    const first = await server.signIn(person('sam'), server.browser(), realms.atRed());
    const second = await server.signIn(person('sam'), server.browser(), realms.atBlue());
    expect(second.grant.user.id).not.toBe(first.grant.user.id);
  });

  it('offers them in order, and says which one cannot be used', async () => {
    const { items: offered } = (await (await server.fetch('/api/auth/providers')).json()) as ProviderList;
    expect(offered.map(({ id }) => id)).toEqual(['google', 'red', 'blue', 'gone']);
    expect(offered.at(-1)).toEqual({ id: 'gone', label: 'Gone', icon: null, available: false });
    expect(offered.slice(0, 3).every(({ available }) => available)).toBe(true);
  });

  it('leads to a page that names the provider if it is down', async () => {
    const response = await server.browser().get(`/api/auth/login?provider=gone&challenge=${pkce().challenge}`);
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/login-failed?error=provider_unavailable&provider=gone');
  });

  it('refuses a provider that is not configured', async () => {
    const response = await server.browser().get(`/api/auth/login?provider=nobody&challenge=${pkce().challenge}`);
    expect(response.status).toBe(400);
  });

  it.each<[string, (path: string) => string, string]>([
    [
      'a response of another issuer (mix-up)',
      (path) => path.replace(/iss=[^&]+/, `iss=${encodeURIComponent('http://evil.example')}`),
      'provider_error',
    ],
    ['a response without an issuer', (path) => path.replace(/&iss=[^&]+/, ''), 'provider_error'],
    ['an unknown code', (path) => path.replace(/code=[^&]+/, 'code=forged'), 'provider_error'],
    ['a refusal by the user', (path) => path.replace(/code=[^&]+/, 'error=access_denied'), 'access_denied'],
  ])('refuses %s', async (_what, change, code) => {
    const browser = server.browser();
    const path = await server.callbackPath(browser, person('tim'), undefined, '/', realms.atRed());
    const response = await browser.get(change(path));
    expect(response.headers.get('location')).toBe(`/login-failed?error=${code}&provider=red`);
  });

  it('refuses a code of one provider at another one', async () => {
    const browser = server.browser();
    const path = await server.callbackPath(browser, person('tim'), undefined, '/', realms.atRed());
    const other = new URL(
      await server.callbackPath(browser, person('tim'), undefined, '/', realms.atBlue()),
      server.url,
    );
    const code = other.searchParams.get('code') ?? '';
    const response = await browser.get(path.replace(/code=[^&]+/, `code=${code}`));
    expect(response.headers.get('location')).toBe('/login-failed?error=provider_error&provider=red');
  });

  it('refuses an ID token with another nonce (code injection)', async () => {
    const browser = server.browser();
    const query = new URLSearchParams({ challenge: pkce().challenge, provider: 'red' });
    const start = await browser.get(`/api/auth/login?${query.toString()}`);
    const address = new URL(start.headers.get('location') ?? '');
    address.searchParams.set('nonce', 'of-another-sign-in');
    const answer = await realms.red.authorize(address.href, person('tim'));
    const response = await browser.get(`/api/auth/callback?${new URLSearchParams(answer).toString()}`);
    expect(response.headers.get('location')).toBe('/login-failed?error=provider_error&provider=red');
  });

  it.each<[string, Misbehaviour, string]>([
    ['refuses the client', answers(401, { error: 'invalid_client' }), 'provider_misconfigured'],
    ['is down', answers(503, 'down', 'text/plain'), 'provider_unavailable'],
    ['answers with a page', answers(200, '<html>', 'text/html'), 'provider_error'],
    ['sends no ID token', answers(200, { access_token: 'a', token_type: 'bearer' }), 'provider_error'],
  ])('tells by kind what is wrong if the provider %s', async (_what, misbehaviour, code) => {
    const browser = server.browser();
    const path = await server.callbackPath(browser, person('tim'), undefined, '/', realms.atBlue());
    realms.blue.tokenMisbehaves = misbehaviour;
    const response = await browser.get(path);
    expect(response.headers.get('location')).toBe(`/login-failed?error=${code}&provider=blue`);
  });

  it.each<[string, Profile, () => SignInAt, string]>([
    [
      'a provider that is not trusted',
      { ...person('una'), email_verified: undefined },
      () => realms.atRed(),
      'email_verification_missing',
    ],
    [
      'an address that is not verified',
      { ...person('una'), email_verified: false },
      () => realms.atBlue(),
      'email_unverified',
    ],
    [
      'an address of another domain',
      { ...person('una'), email: 'una@example.net' },
      () => realms.atBlue(),
      'wrong_domain',
    ],
  ])('refuses the e-mail of %s', async (_what, profile, choose, code) => {
    const at = choose();
    const { location } = await server.comeBack(server.browser(), profile, undefined, '/', at);
    expect(location).toBe(`/login-failed?error=${code}&provider=${at.query?.['provider'] ?? ''}`);
  });

  it('accepts an e-mail without email_verified from a provider with trustEmail', async () => {
    const { grant } = await server.signIn(
      { ...person('vera'), email_verified: undefined },
      server.browser(),
      realms.atBlue(),
    );
    expect(grant.user.email).toBe('vera@example.com');
  });
});

describe('roles by the claims of the provider', () => {
  const signIn = async (groups: unknown) =>
    (await server.signIn({ ...person('walt'), groups }, server.browser(), realms.atRed())).grant;

  it('are set at each sign-in: the highest one, or DEFAULT_ROLE', async () => {
    // There is another admin.
    await server.signIn({ ...person('boss'), groups: ['bosses'] }, server.browser(), realms.atRed());
    for (const [groups, role] of [
      [['staff', 'bosses'], 'admin'],
      [['choir'], 'pending'],
      ['staff', 'user'],
      [undefined, 'pending'],
      [{ staff: true }, 'pending'],
    ] as const) {
      expect((await signIn(groups)).user.role).toBe(role);
    }
  });

  it('leave the role to the last admin', async () => {
    await using lonely = await AuthServer.start({
      env: {
        SIGN_IN_PROVIDERS: JSON.stringify([
          realms.red.entry('red', { rolesClaim: 'groups', roleMap: { bosses: 'admin' } }),
        ]),
      },
    });
    const come = (groups: string[]) =>
      lonely.signIn({ ...person('last'), groups }, lonely.browser(), {
        provider: realms.red,
        query: { provider: 'red' },
      });
    expect((await come(['bosses'])).grant.user.role).toBe('admin');
    expect((await come([])).grant.user.role).toBe('admin');
  });

  it('are shown to admins as such, who cannot change them', async () => {
    const boss = await server.signIn({ ...person('boss'), groups: ['bosses'] }, server.browser(), realms.atRed());
    const { user } = await signIn(['staff']);
    const change = await server.fetch(`/api/admin/users/${user.id}`, boss.grant.accessToken, {
      method: 'PATCH',
      body: JSON.stringify({ role: 'admin' }),
    });
    expect(change.status).toBe(409);
    expect(await change.json()).toMatchObject({ code: 'role_by_provider' });
    const disabled = await server.fetch(`/api/admin/users/${user.id}`, boss.grant.accessToken, {
      method: 'PATCH',
      body: JSON.stringify({ disabled: true }),
    });
    expect((await disabled.json()) as AdminUser).toMatchObject({ disabled: true, role: 'user', roleByProvider: true });
  });
});
