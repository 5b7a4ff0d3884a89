import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { IdentityList } from '../../src/protocol/http/index.js';
import type { Profile } from '../../testing/provider/openid-provider.js';
import { type AuthServer, person, pkce, type SignInAt } from './auth-server.js';
import type { Browser } from './browser.js';
import { Realms } from './realms.js';

let realms: Realms;
let server: AuthServer;
beforeAll(async () => {
  realms = await Realms.start();
  ({ server } = realms);
});
afterAll(() => realms[Symbol.asyncDispose]());

describe('linking', () => {
  const link = async (token: string, browser: Browser, profile: Profile, at: SignInAt) => {
    const { verifier, challenge } = pkce();
    const { code, location } = await server.comeBack(browser, profile, challenge, '/profile', at);
    expect(location).toContain('link=1');
    const body = JSON.stringify({ code, verifier });
    return { body, answer: await server.fetch('/api/auth/identities', token, { method: 'POST', body }) };
  };
  const labels = ({ items }: IdentityList) => items.map(({ label, email }) => `${label} ${email ?? ''}`);

  it('adds an identity of another provider, which then signs in to the same account', async () => {
    const { browser, grant } = await server.signIn(person('xena'), server.browser(), realms.atRed());
    const profile = { ...person('xena-at-work'), email: 'xw@example.com' };
    const { body, answer } = await link(grant.accessToken, browser, profile, realms.atBlue({ link: '1' }));
    expect(answer.status).toBe(200);
    expect(labels((await answer.json()) as IdentityList)).toEqual([
      'Realm red xena@example.com',
      'Realm blue xw@example.com',
    ]);
    expect(server.events).toContainEqual({ stream: `user:${grant.user.id}`, type: 'identities.changed', data: {} });
    expect(server.events).toContainEqual(
      expect.objectContaining({
        type: 'audit.added',
        data: expect.objectContaining({ action: 'identity.linked', targetId: grant.user.id }),
      }),
    );

    const again = await server.fetch('/api/auth/identities', grant.accessToken, { method: 'POST', body });
    expect(again.status).toBe(401);
    const other = await server.signIn(profile, server.browser(), realms.atBlue());
    // The account keeps the e-mail of its first identity.
    expect(other.grant.user).toEqual(grant.user);
  });

  it('changes nothing if it is linked already', async () => {
    const { browser, grant } = await server.signIn(person('yara'), server.browser(), realms.atRed());
    const { answer } = await link(grant.accessToken, browser, person('yara'), realms.atRed({ link: '1' }));
    expect(((await answer.json()) as IdentityList).items).toHaveLength(1);
  });

  it('refuses an identity that has an account of its own, and merges nothing', async () => {
    const own = await server.signIn(person('zoe'), server.browser(), realms.atBlue());
    const { browser, grant } = await server.signIn(person('zack'), server.browser(), realms.atRed());
    const { answer } = await link(grant.accessToken, browser, person('zoe'), realms.atBlue({ link: '1' }));
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ code: 'identity_taken' });
    expect(server.events.at(-1)).toMatchObject({
      type: 'audit.added',
      data: {
        action: 'identity.refused',
        actorId: grant.user.id,
        detail: { reason: 'identity_taken', provider: 'Realm blue', email: 'zoe@example.com' },
      },
    });
    expect((await server.signIn(person('zoe'), server.browser(), realms.atBlue())).grant.user.id).toBe(
      own.grant.user.id,
    );
  });

  it('needs the page that has begun it: its verifier, and a session', async () => {
    const { browser, grant } = await server.signIn(person('ada2'), server.browser(), realms.atRed());
    const { code } = await server.comeBack(browser, person('ada3'), undefined, '/', realms.atBlue({ link: '1' }));
    const wrong = JSON.stringify({ code, verifier: pkce().verifier });
    expect(
      (await server.fetch('/api/auth/identities', grant.accessToken, { method: 'POST', body: wrong })).status,
    ).toBe(401);
    expect(server.events.at(-1)).toMatchObject({
      data: { action: 'identity.refused', actorId: grant.user.id, detail: { reason: 'code_unknown' } },
    });
    expect((await server.fetch('/api/auth/identities', undefined, { method: 'POST', body: wrong })).status).toBe(401);
    // The code of a link opens no session, and that of a sign-in links nothing.
    expect(
      (await browser.post('/api/auth/exchange', { code: code.slice(0, 200), verifier: pkce().verifier })).status,
    ).toBe(401);
  });

  it('takes the role with it that the removed provider has given', async () => {
    await server.signIn({ ...person('other-boss'), groups: ['bosses'] }, server.browser(), realms.atRed());
    const boss = { ...person('cara'), groups: ['bosses'] };
    const { browser, grant } = await server.signIn(boss, server.browser(), realms.atRed());
    expect(grant.user.role).toBe('admin');
    const { answer } = await link(grant.accessToken, browser, person('cara2'), realms.atBlue({ link: '1' }));
    const [first] = ((await answer.json()) as IdentityList).items;
    await server.fetch(`/api/auth/identities/${first?.id ?? ''}`, grant.accessToken, { method: 'DELETE' });
    const again = await server.signIn(person('cara2'), server.browser(), realms.atBlue());
    expect(again.grant.user).toMatchObject({ id: grant.user.id, role: 'pending' });
  });

  it('removes an identity, but not the last one', async () => {
    const { browser, grant } = await server.signIn(person('bob'), server.browser(), realms.atRed());
    const { answer } = await link(grant.accessToken, browser, person('bob2'), realms.atBlue({ link: '1' }));
    const [first, second] = ((await answer.json()) as IdentityList).items;
    const remove = (id = '') => server.fetch(`/api/auth/identities/${id}`, grant.accessToken, { method: 'DELETE' });
    expect((await remove(first?.id)).status).toBe(204);
    expect((await remove(first?.id)).status).toBe(404);
    expect(await (await remove(second?.id)).json()).toMatchObject({ code: 'last_identity' });
    const list = await server.fetch('/api/auth/identities', grant.accessToken);
    expect(labels((await list.json()) as IdentityList)).toEqual(['Realm blue bob2@example.com']);
    expect((await server.signIn(person('bob'), server.browser(), realms.atRed())).grant.user.id).not.toBe(
      grant.user.id,
    );
  });
});

describe('signing out', () => {
  it('ends the sessions that the provider ends (back-channel logout), and no others', async () => {
    const { grant } = await server.signIn(person('cleo'), server.browser(), realms.atRed());
    const other = await server.signIn(person('dirk'), server.browser(), realms.atRed());
    await realms.red.logOut(person('cleo'));
    expect((await server.fetch('/api/profile/me', grant.accessToken)).status).toBe(401);
    expect((await server.fetch('/api/profile/me', other.grant.accessToken)).status).toBe(200);
    expect(server.events).toContainEqual(
      expect.objectContaining({ stream: `user:${grant.user.id}`, type: 'session.ended' }),
    );
  });

  it.each([
    ['nothing', {}],
    ['no token', { logout_token: 'nonsense' }],
    ['an unsigned token', { logout_token: `${btoa('{"alg":"none"}')}.${btoa('{"jti":"1"}')}.` }],
  ])('refuses a logout with %s', async (_what, form) => {
    const body = new URLSearchParams(form as Record<string, string>);
    const response = await fetch(`${server.url}/api/auth/backchannel-logout/red`, { method: 'POST', body });
    expect(response.status).toBe(400);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('asks the provider to try again while its keys cannot be read', async () => {
    const body = new URLSearchParams({ logout_token: 'x' });
    const response = await fetch(`${server.url}/api/auth/backchannel-logout/gone`, { method: 'POST', body });
    expect(response.status).toBe(503);
  });

  it('knows no logout of another provider', async () => {
    const body = new URLSearchParams({ logout_token: 'x' });
    const response = await fetch(`${server.url}/api/auth/backchannel-logout/google`, { method: 'POST', body });
    expect(response.status).toBe(404);
  });

  it('tells where the session at the provider ends', async () => {
    const { browser, grant } = await server.signIn(person('emil'), server.browser(), realms.atRed());
    const answer = await server.fetch('/api/auth/logout', grant.accessToken, { method: 'POST' });
    expect(answer.status).toBe(200);
    const { providerUrl } = (await answer.json()) as { providerUrl: string };
    const url = new URL(providerUrl);
    expect(url.origin + url.pathname).toBe(`${realms.red.issuer}/session/end`);
    expect(url.searchParams.get('id_token_hint')).toMatch(/^eyJ/);
    expect(url.searchParams.get('post_logout_redirect_uri')).toBe(`${server.url}/login`);
    expect((await browser.post('/api/auth/refresh')).status).toBe(401);
  });
});
