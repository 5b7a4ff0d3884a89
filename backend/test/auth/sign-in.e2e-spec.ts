import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseSetCookie } from 'cookie';
import { Database } from '../../src/database/database.js';
import { Accounts } from '../../src/users/accounts.js';
import { User } from '../../src/users/user.entity.js';
import { AuthServer, person, pkce } from './auth-server.js';

describe('signing in', () => {
  let server: AuthServer;
  beforeAll(async () => {
    server = await AuthServer.start({ env: { ADMIN_EMAILS: 'Boss@Example.com' } });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('leads from the page to the provider and back to tokens', async () => {
    const browser = server.browser();
    const { verifier, challenge } = pkce();
    const { code, returnPath, location } = await server.comeBack(browser, person('ann'), challenge, '/chat/1?a=b#c');
    expect(location).toMatch(/^\/auth\/callback#code=[\w-]{43}&return=%2Fchat%2F1%3Fa%3Db%23c$/);
    expect(returnPath).toBe('/chat/1?a=b#c');

    const response = await browser.post('/api/auth/exchange', { code, verifier });
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({
      accessToken: expect.any(String),
      expiresIn: 600,
      user: {
        id: expect.any(String),
        email: 'ann@example.com',
        name: 'ann',
        picture: null,
        role: 'user',
        preferences: {},
      },
    });
  });

  it('keeps a name that the user has chosen when the provider sends another one', async () => {
    const { grant } = await server.signIn('dan');
    const init = { method: 'PATCH', body: JSON.stringify({ name: 'Daniel' }) };
    expect((await server.fetch('/api/profile/me', grant.accessToken, init)).status).toBe(200);
    expect((await server.signIn('dan')).grant.user.name).toBe('Daniel');
  });

  it('redirects to the provider with account selection, state and a PKCE challenge', async () => {
    const response = await server.browser().get(`/api/auth/login?challenge=${pkce().challenge}`);
    expect(response.status).toBe(302);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const asked = new URL(response.headers.get('location') ?? '').searchParams;
    expect(Object.fromEntries(asked)).toEqual({
      response_type: 'code',
      client_id: 'test-client',
      redirect_uri: `${server.url}/api/auth/callback`,
      scope: 'openid email profile',
      prompt: 'select_account',
      state: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
  });

  it('keeps the pending sign-in where scripts and other sites cannot reach it', async () => {
    const browser = server.browser();
    await browser.get(`/api/auth/login?challenge=${pkce().challenge}`);
    expect(parseSetCookie(browser.lastSetCookies[0] ?? '')).toMatchObject({
      name: 'lockstep-login',
      httpOnly: true,
      sameSite: 'lax',
      path: '/',
      maxAge: 600,
    });
  });

  it('keeps the refresh token where scripts and other sites cannot reach it', async () => {
    const { browser } = await server.signIn('ann');
    const cookie = parseSetCookie(browser.lastSetCookies[0] ?? '');
    expect(cookie).toMatchObject({ name: 'lockstep-refresh', httpOnly: true, sameSite: 'strict', path: '/' });
    expect(cookie.maxAge).toBeGreaterThan(29 * 86_400);
    expect(cookie.maxAge).toBeLessThanOrEqual(30 * 86_400);
  });

  it('never puts the access token of the provider into a URL', async () => {
    await server.signIn('ann');
    const asked = server.provider.requests.findLast(({ path }) => path === '/me');
    expect(asked?.query.size).toBe(0);
    expect(asked?.authorization).toMatch(/^Bearer /);
  });

  it('makes users in ADMIN_EMAILS admins, in any case of letters', async () => {
    const { grant } = await server.signIn({ ...person('boss'), email: 'BOSS@example.com' });
    expect(grant.user.role).toBe('admin');
  });

  it('updates name, picture and e-mail at the next sign-in, in the same account', async () => {
    const before = await server.signIn('cleo');
    const picture = 'https://pictures.invalid/cleo.png';
    const after = await server.signIn({ ...person('cleo'), name: 'Cleo B.', email: 'cleo@example.org', picture });
    // The address of the picture stays here: `pictures.e2e-spec.ts` has what becomes of it.
    expect(after.grant.user).toEqual({ ...before.grant.user, name: 'Cleo B.', email: 'cleo@example.org' });
    const { id } = after.grant.user;
    expect(await server.get(Database).read((em) => em.findOneOrFail(User, { id }))).toMatchObject({ picture });
    expect(server.events).toContainEqual({
      stream: `user:${before.grant.user.id}`,
      type: 'user.updated',
      data: after.grant.user,
    });
  });

  it('creates one account for several first sign-ins at the same time', async () => {
    const identity = { issuer: 'test', subject: 'dora', email: 'dora@example.com', name: 'dora', picture: null };
    const users = await Promise.all(Array.from({ length: 5 }, () => server.get(Accounts).signIn(identity)));
    expect(new Set(users.map(({ id }) => id)).size).toBe(1);
    const added = server.events.filter(({ type, data }) => type === 'user.added' && nameOf(data) === 'dora');
    expect(added).toHaveLength(1);
    expect(await server.get(Database).read((em) => em.count(User, { name: 'dora' }))).toBe(1);
  });

  it('never links accounts by e-mail, so that no account can be taken over', async () => {
    const owner = await server.signIn('eve');
    const other = await server.signIn({ ...person('eve'), sub: 'somebody-else' });
    expect(other.grant.user.email).toBe(owner.grant.user.email);
    expect(other.grant.user.id).not.toBe(owner.grant.user.id);
  });

  it('ignores fields of the profile that would give rights, and truncates long ones', async () => {
    const { grant } = await server.signIn({
      ...person('finn'),
      name: `F\u0000i\n${'n'.repeat(400)}`,
      picture: 'http://example.com/insecure.png',
      role: 'admin',
      id: '00000000-0000-7000-8000-000000000000',
      disabled: true,
      preferences: { theme: 'dark' },
    });
    expect(grant.user).toMatchObject({ role: 'user', picture: null, preferences: {} });
    expect(grant.user.name).toMatch(/^F i n+$/);
    expect(grant.user.name).toHaveLength(200);
    expect(grant.user.id).not.toBe('00000000-0000-7000-8000-000000000000');
  });

  it.each(['true', true])('accepts email_verified: %p', async (verified) => {
    const { grant } = await server.signIn({ ...person('gil'), email_verified: verified });
    expect(grant.user.email).toBe('gil@example.com');
  });
});

const nameOf = (data: unknown): unknown => (data as { name?: unknown }).name;

describe('signing in with another provider', () => {
  it('sends no prompt when it is configured to be empty', async () => {
    await using bare = await AuthServer.start({ env: { GOOGLE_PROMPT: '' } });
    const response = await bare.browser().get(`/api/auth/login?challenge=${pkce().challenge}`);
    const asked = new URL(response.headers.get('location') ?? '').searchParams;
    expect(asked.get('state')).not.toBeNull();
    expect(asked.has('prompt')).toBe(false);
  });
});
