import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { User } from '../../src/users/user.entity.js';
import { Database } from '../../src/database/database.js';
import { answers, hangs, type Misbehaviour } from '../../testing/provider/faults.js';
import { AuthServer, person, pkce } from './auth-server.js';
import { Clock } from '../../src/database/clock.js';
import { passTime } from '../support/pass-time.js';
import { scaled } from '../../testing/pace.js';

/** Long enough for a provider on the same machine, short enough for a test. */
const DEADLINE_MS = 700;

describe('the callback of a sign-in', () => {
  let server: AuthServer;
  beforeAll(async () => {
    server = await AuthServer.start({ deadlineMs: DEADLINE_MS });
  });
  afterAll(() => server[Symbol.asyncDispose]());
  beforeEach(() => {
    server.provider.tokenMisbehaves = undefined;
    server.provider.userinfoMisbehaves = undefined;
    jest.restoreAllMocks();
  });

  const failsWith = async (response: Response, code: string): Promise<void> => {
    expect({ status: response.status, location: response.headers.get('location') }).toEqual({
      status: 303,
      location: `/login-failed?error=${code}`,
    });
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).not.toContain('at ');
  };
  const without = (path: string, key: string): string => {
    const url = new URL(path, server.url);
    url.searchParams.delete(key);
    return `${url.pathname}${url.search}`;
  };
  const count = (entity: typeof User): Promise<number> => server.get(Database).read((em) => em.count(entity, {}));

  it('fails without state', async () => {
    const browser = server.browser();
    const path = without(await server.callbackPath(browser, person('mallory')), 'state');
    await failsWith(await browser.get(path), 'state_mismatch');
  });

  it('fails without any parameter', async () => {
    await failsWith(await server.browser().get('/api/auth/callback'), 'state_mismatch');
  });

  it('fails with a forged state', async () => {
    const browser = server.browser();
    const path = await server.callbackPath(browser, person('mallory'));
    await failsWith(await browser.get(path.replace(/state=[^&]+/, 'state=forged')), 'state_mismatch');
  });

  it('fails with several states', async () => {
    const browser = server.browser();
    const path = await server.callbackPath(browser, person('mallory'));
    await failsWith(await browser.get(`${path}&state=other`), 'state_mismatch');
  });

  it('fails in another browser than the one that started the sign-in (login CSRF)', async () => {
    const path = await server.callbackPath(server.browser(), person('mallory'));
    const victim = server.browser();
    await failsWith(await victim.get(path), 'state_mismatch');
    await server.callbackPath(victim, person('victim'));
    await failsWith(await victim.get(path), 'state_mismatch');
  });

  it('fails with a replayed state, in the same browser and with a copied cookie', async () => {
    const browser = server.browser();
    const thief = server.browser();
    const path = await server.callbackPath(browser, person('ann'));
    for (const [name, value] of browser.cookies) thief.cookies.set(name, value);
    expect((await browser.get(path)).headers.get('location')).toContain('/auth/callback#code=');
    expect(browser.cookies.has('lockstep-login')).toBe(false);
    await failsWith(await browser.get(path), 'state_mismatch');

    // A provider that takes any code and verifier.
    const token = await server.provider.tokenFor(person('mallory'));
    server.provider.tokenMisbehaves = answers(200, { access_token: token, token_type: 'Bearer', expires_in: 60 });
    await failsWith(await thief.get(path.replace(/code=[^&]+/, 'code=any')), 'state_mismatch');
  });

  it('succeeds once when it comes twice at the same time', async () => {
    const browser = server.browser();
    const path = await server.callbackPath(browser, person('ann'));
    const answered = await Promise.all([browser.copy().get(path), browser.copy().get(path)]);
    const locations = answered.map(({ headers }) => headers.get('location') ?? '');
    expect(locations.filter((location) => location.startsWith('/auth/callback#'))).toHaveLength(1);
  });

  it('fails with a modified cookie', async () => {
    const browser = server.browser();
    const path = await server.callbackPath(browser, person('mallory'));
    const sealed = browser.cookies.get('lockstep-login') ?? '';
    const at = sealed.lastIndexOf('.') - 3;
    browser.cookies.set(
      'lockstep-login',
      `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`,
    );
    await failsWith(await browser.get(path), 'state_mismatch');
  });

  it('fails after ten minutes, although the browser kept the cookie', async () => {
    const browser = server.browser();
    const path = await server.callbackPath(browser, person('ann'));
    passTime(server.get(Clock), 601_000);
    await failsWith(await browser.get(path), 'expired');
  });

  it('fails with a stolen code in another sign-in: the PKCE verifier does not match', async () => {
    const stolen = new URL(await server.callbackPath(server.browser(), person('victim')), server.url);
    const browser = server.browser();
    const path = await server.callbackPath(browser, person('mallory'));
    const injected = path.replace(/code=[^&]+/, `code=${stolen.searchParams.get('code')}`);
    await failsWith(await browser.get(injected), 'provider_error');
  });

  it('sends a PKCE verifier to the provider, in the body only', async () => {
    await server.signIn('ann');
    const asked = server.provider.requests.findLast(({ path }) => path === '/token');
    expect(asked?.body.get('code_verifier')).toMatch(/^[\w-]{43}$/);
    expect(asked?.query.size).toBe(0);
  });

  it('fails when the user denies access', async () => {
    const browser = server.browser();
    const { searchParams } = new URL(await server.callbackPath(browser, person('ann')), server.url);
    const query = new URLSearchParams({ error: 'access_denied', state: searchParams.get('state') ?? '' });
    await failsWith(await browser.get(`/api/auth/callback?${query.toString()}`), 'access_denied');
  });

  it('fails with an error of the provider', async () => {
    const path = '/api/auth/callback?error=server_error&error_description=%0d%0aSet-Cookie:x';
    await failsWith(await server.browser().get(path), 'provider_unavailable');
  });

  it.each([
    ['temporarily_unavailable', 'provider_unavailable'],
    ['unauthorized_client', 'provider_misconfigured'],
    ['invalid_scope', 'provider_misconfigured'],
    ['login_required', 'access_denied'],
    ['never_heard_of', 'provider_error'],
    ['toString', 'provider_error'],
    ['a&error=b', 'provider_error'],
  ])('maps the error %s of the provider to a code', async (error, code) => {
    await failsWith(await server.browser().get(`/api/auth/callback?error=${error}`), code);
  });

  it.each([undefined, false, 'false', 'yes', 1])('fails when email_verified is %p', async (verified) => {
    const browser = server.browser();
    const before = await count(User);
    const profile = { ...person('unverified'), email_verified: verified };
    const response = await browser.get(await server.callbackPath(browser, profile));
    await failsWith(response, 'email_unverified');
    expect(await count(User)).toBe(before);
  });

  it.each([
    ['no subject', { sub: undefined }, 'provider_misconfigured'],
    ['an empty subject', { sub: '' }, 'provider_misconfigured'],
    ['a subject that is no text', { sub: { $ne: null } }, 'provider_misconfigured'],
    ['no e-mail', { email: undefined }, 'email_missing'],
    ['no e-mail address', { email: 'ann' }, 'email_missing'],
    ['an e-mail of a thousand characters', { email: `${'a'.repeat(1000)}@example.com` }, 'email_missing'],
  ])('fails for a profile with %s', async (_what, change, code) => {
    const browser = server.browser();
    const path = await server.callbackPath(browser, { ...person('odd'), ...change });
    await failsWith(await browser.get(path), code);
  });

  it.each<[string, Misbehaviour, string]>([
    ['refuses the code', answers(400, { error: 'invalid_grant' }), 'provider_error'],
    ['refuses the secret', answers(401, { error: 'invalid_client' }), 'provider_misconfigured'],
    ['refuses the address of the callback', answers(400, { error: 'redirect_uri_mismatch' }), 'provider_misconfigured'],
    ['is not there', answers(404, '<html>nothing here</html>', 'text/html'), 'provider_misconfigured'],
    ['answers HTML with 500', answers(500, '<html>oops</html>', 'text/html'), 'provider_unavailable'],
    ['has too much to do', answers(429, { error: 'rate_limited' }), 'provider_unavailable'],
    ['answers HTML with 200', answers(200, '<html>hello</html>', 'text/html'), 'provider_error'],
    ['answers null', answers(200, 'null'), 'provider_error'],
    ['answers without a token', answers(200, { token_type: 'Bearer' }), 'provider_error'],
    ['breaks the connection', (response) => response.destroy(), 'provider_unavailable'],
    [
      'sends the code somewhere else',
      (response) => void response.writeHead(307, { location: '/me' }).end(),
      'provider_misconfigured',
    ],
    ['never answers', hangs(), 'provider_unavailable'],
    ['stops in the middle of the answer', hangs({ begun: true }), 'provider_unavailable'],
  ])('fails when the token endpoint %s', async (_what, misbehaviour, code) => {
    const browser = server.browser();
    const path = await server.callbackPath(browser, person('ann'));
    server.provider.tokenMisbehaves = misbehaviour;
    const started = performance.now();
    await failsWith(await browser.get(path), code);
    expect(performance.now() - started).toBeLessThan(scaled(DEADLINE_MS + 2000));
  });

  it.each<[string, Misbehaviour, string]>([
    ['answers HTML with 500', answers(500, '<html>oops</html>', 'text/html'), 'provider_unavailable'],
    ['answers a list', answers(200, '[]'), 'provider_error'],
    ['refuses the token', answers(401, { error: { message: 'no' } }), 'provider_misconfigured'],
    ['never answers', hangs(), 'provider_unavailable'],
  ])('fails when the userinfo endpoint %s', async (_what, misbehaviour, code) => {
    const browser = server.browser();
    const path = await server.callbackPath(browser, person('ann'));
    server.provider.userinfoMisbehaves = misbehaviour;
    await failsWith(await browser.get(path), code);
  });

  it('is limited per client address, with a page that says so', async () => {
    const come = (address: string): Promise<Response> =>
      server.browser().get('/api/auth/callback?code=x&state=y', { 'x-forwarded-for': address });
    const statuses = new Set<number>();
    for (let tries = 0; tries < 600; tries++) statuses.add((await come('203.0.113.5')).status);
    expect([...statuses]).toEqual([303]);
    const refused = await come('203.0.113.5');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('refresh')).toBe('0; url=/login-failed?error=too_many_attempts');
    await failsWith(await come('203.0.113.6'), 'state_mismatch');
  });

  it('is preceded by a login that is limited per client address', async () => {
    const start = (): Promise<Response> =>
      server.browser().get(`/api/auth/login?challenge=${pkce().challenge}`, { 'x-forwarded-for': '203.0.113.7' });
    for (let tries = 0; tries < 600; tries++) expect((await start()).status).toBe(302);
    const refused = await start();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('refresh')).toContain('too_many_attempts');
  });

  it.each(['cross-site', 'same-site'])('is not reached when another site starts the sign-in: %s', async (site) => {
    const browser = server.browser();
    const path = `/api/auth/login?challenge=${pkce().challenge}`;
    expect((await browser.get(path, { 'sec-fetch-site': site })).status).toBe(403);
    expect(browser.cookies.size).toBe(0);
    for (const own of ['same-origin', 'none']) {
      expect((await browser.get(path, { 'sec-fetch-site': own })).status).toBe(302);
    }
  });

  it('fails for a disabled account', async () => {
    const { grant } = await server.signIn('blocked');
    await server.get(Database).write((em) => em.nativeUpdate(User, { id: grant.user.id }, { disabled: true }));
    const browser = server.browser();
    await failsWith(await browser.get(await server.callbackPath(browser, person('blocked'))), 'account_disabled');
  });

  it.each([
    ['none', ''],
    ['a short one', 'abc'],
    ['other characters', `${'a'.repeat(42)}+`],
    ['a longer one', 'a'.repeat(44)],
  ])('is not reached when the challenge is invalid: %s', async (_what, challenge) => {
    const response = await server.browser().get(`/api/auth/login?challenge=${encodeURIComponent(challenge)}`);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toMatchObject({ code: 'bad_request', status: 400 });
  });

  it.each(['https://evil.example', '//evil.example', '/\\evil.example', '/\t/evil.example', 'javascript:alert(1)'])(
    'is not an open redirect to %p',
    async (returnPath) => {
      const back = await server.comeBack(server.browser(), person('ann'), pkce().challenge, returnPath);
      expect(back.returnPath).toBe('/');
    },
  );
});

describe('a server with GOOGLE_HOSTED_DOMAIN', () => {
  let server: AuthServer;
  beforeAll(async () => {
    server = await AuthServer.start({ env: { GOOGLE_HOSTED_DOMAIN: 'example.com' } });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it.each([
    ['of no domain', {}],
    ['of another domain', { hd: 'example.org' }],
    ['of a domain that only ends alike', { hd: 'evil-example.com' }],
    ['of a list of domains', { hd: ['example.com'] }],
  ])('refuses accounts %s', async (_what, change) => {
    const browser = server.browser();
    const response = await browser.get(await server.callbackPath(browser, { ...person('ann'), ...change }));
    expect(response.headers.get('location')).toBe('/login-failed?error=wrong_domain');
  });

  it('accepts accounts of the domain', async () => {
    const { grant } = await server.signIn({ ...person('ann'), hd: 'example.com' });
    expect(grant.user.email).toBe('ann@example.com');
  });
});
