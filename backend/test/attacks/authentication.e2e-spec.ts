import { createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { deriveKey } from '../../src/auth/derived-key.js';
import { Clock } from '../../src/database/clock.js';
import type { TokenGrant } from '../../src/protocol/index.js';
import { AuthServer, person, pkce, type SignedIn } from '../auth/auth-server.js';
import { passTime } from '../support/pass-time.js';
import { attacks } from './support/family.js';
import { forge, ownKey, partsOf } from './support/forged-token.js';

const stops = attacks('authentication');

let server: AuthServer;
let ann: SignedIn;
beforeAll(async () => {
  server = await AuthServer.start();
  ann = await server.signIn('ann');
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

const statusOf = async (token: string): Promise<number> => (await server.fetch('/api/profile/me', token)).status;
const REFRESH = 'lockstep-refresh';

stops('access tokens that this server has not issued', async (attack) => {
  const { header, claims } = partsOf(ann.grant.accessToken);
  const own = ownKey(server.config);
  const bob = await server.signIn('bob');
  const bobs = partsOf(bob.grant.accessToken).claims;
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = publicKey.export({ type: 'spki', format: 'pem' });
  const jwk = publicKey.export({ format: 'jwk' });
  const byRsa = (extra: object): string => {
    const content = [{ ...header, alg: 'RS256', ...extra }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${content}.${sign('sha256', Buffer.from(content), privateKey).toString('base64url')}`;
  };
  const [head = '', body = '', signature = ''] = ann.grant.accessToken.split('.');
  const [, otherBody = '', otherSignature = ''] = bob.grant.accessToken.split('.');
  const tokens: Readonly<Record<string, string>> = {
    ...Object.fromEntries(
      ['none', 'None', 'NONE', 'nOnE', ''].flatMap((alg) => [
        [`alg "${alg}" without a signature`, forge({ ...header, alg }, claims, '').replace(/[^.]*$/, '')],
        [`alg "${alg}" with a signature`, forge({ ...header, alg }, claims, own)],
      ]),
    ),
    'HS384 with the right key': forge({ ...header, alg: 'HS384' }, claims, own, 'sha384'),
    'HS512 with the right key': forge({ ...header, alg: 'HS512' }, claims, own, 'sha512'),
    'RS256 in name only': forge({ ...header, alg: 'RS256' }, claims, own),
    'a key pair of its own': byRsa({}),
    'a key in its header': byRsa({ jwk }),
    'the address of a key': byRsa({ jku: 'http://127.0.0.1:1/keys', x5u: 'http://127.0.0.1:1/cert' }),
    'a public key as secret': forge(header, claims, pem),
    'no key': forge(header, claims, ''),
    'a weak key': forge(header, claims, 'secret'),
    'the unchanged APP_SECRET': forge(header, claims, server.config.appSecret),
    'the key of refresh tokens': forge(header, claims, deriveKey(server.config.appSecret, 'refresh-token')),
    'the key of login cookies': forge(header, claims, deriveKey(server.config.appSecret, 'login-cookie')),
    'a kid that names an empty file': forge({ ...header, kid: '/dev/null' }, claims, ''),
    'a kid that leaves its folder': forge({ ...header, kid: '../../../../dev/null' }, claims, ''),
    'a kid with SQL': forge({ ...header, kid: "x' union select 'secret'--" }, claims, 'secret'),
    'a kid with a command': forge({ ...header, kid: '|id' }, claims, 'secret'),
    'an unknown critical header': forge({ ...header, crit: ['x'], x: 1 }, claims, 'secret'),
    'another typ': forge({ ...header, typ: 'JWT' }, claims, own),
    'the typ of a login cookie': forge({ ...header, typ: 'login+jwt' }, claims, own),
    'the typ of a logout token': forge({ ...header, typ: 'logout+jwt' }, claims, own),
    'no typ': forge({ ...header, typ: undefined }, claims, own),
    'another issuer': forge(header, { ...claims, iss: 'https://evil.example' }, own),
    'an issuer that begins alike': forge(header, { ...claims, iss: `${server.url}.evil.example` }, own),
    'no issuer': forge(header, { ...claims, iss: undefined }, own),
    'another audience': forge(header, { ...claims, aud: 'https://evil.example/api' }, own),
    'no audience': forge(header, { ...claims, aud: undefined }, own),
    'an end in the past': forge(header, { ...claims, exp: 1 }, own),
    'no end': forge(header, { ...claims, exp: undefined }, own),
    'an end that is no number': forge(header, { ...claims, exp: '9999999999' }, own),
    'a begin in the future': forge(header, { ...claims, nbf: 9_999_999_999 }, own),
    'the account of another person': forge(header, { ...claims, sub: bobs['sub'] }, own),
    'the session of another person': forge(header, { ...claims, sid: bobs['sid'] }, own),
    'a session that does not exist': forge(header, { ...claims, sid: randomUUID() }, own),
    'an account that does not exist': forge(header, { ...claims, sub: randomUUID() }, own),
    'an account that is a list': forge(header, { ...claims, sub: [claims['sub']] }, own),
    'SQL as session': forge(header, { ...claims, sid: "' or 1=1 --" }, own),
    'no claims': forge(header, {}, own),
    'claims that are a list': forge(header, [], own),
    'the signature of another token': `${head}.${body}.${otherSignature}`,
    'the claims of another token': `${head}.${otherBody}.${signature}`,
    'no signature': `${head}.${body}.`,
    'two parts': `${head}.${body}`,
    'four parts': `${head}.${body}.${signature}.${signature}`,
    'a changed letter': `${head}.${body}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
    'a shorter signature': `${head}.${body}.${signature.slice(0, -4)}`,
    'an empty header': `.${body}.${signature}`,
    'the refresh token': ann.browser.cookies.get(REFRESH) ?? 'missing',
  };
  for (const [what, token] of Object.entries(tokens))
    await attack(what, async () => expect(await statusOf(token)).toBe(401));
  await attack('a good one is still accepted', async () => expect(await statusOf(ann.grant.accessToken)).toBe(200));
});

stops('an access token after its session has ended', async (attack) => {
  const carl = await server.signIn('carl');
  await carl.browser.post('/api/auth/logout', {}, { authorization: `Bearer ${carl.grant.accessToken}` });
  await attack('the access token', async () => expect(await statusOf(carl.grant.accessToken)).toBe(401));
  await attack('the cookie', async () => expect((await carl.browser.post('/api/auth/refresh')).status).toBe(401));
});

stops('a stolen refresh token: its second use ends the session', async (attack) => {
  const dora = await server.signIn('dora');
  const thief = dora.browser.copy();
  const refreshed = await dora.browser.post('/api/auth/refresh');
  const { accessToken } = (await refreshed.json()) as TokenGrant;
  await attack('an old token after the grace period', async () => {
    passTime(server.get(Clock), 11_000);
    expect((await thief.post('/api/auth/refresh')).status).toBe(401);
    jest.restoreAllMocks();
  });
  await attack('the session of both', async () => {
    expect((await dora.browser.post('/api/auth/refresh')).status).toBe(401);
    expect(await statusOf(accessToken)).toBe(401);
  });
});

stops('refresh tokens that are made up', async (attack) => {
  const eve = await server.signIn('eve');
  const real = eve.browser.cookies.get(REFRESH) ?? '';
  const { sid } = partsOf(eve.grant.accessToken).claims;
  const forged = [
    '',
    'x',
    String(sid),
    `${String(sid)}.`,
    `${String(sid)}.${'A'.repeat(43)}`,
    real.slice(0, -1),
    `${real}x`,
    real.toUpperCase(),
    createHmac('sha256', 'x').update(real).digest('base64url'),
    "' or 1=1 --",
    '%00',
    'x'.repeat(6_000),
  ];
  for (const value of forged) {
    await attack(value.slice(0, 50), async () => {
      const browser = server.browser();
      browser.cookies.set(REFRESH, value);
      const response = await browser.post('/api/auth/refresh');
      expect(response.status).toBe(401);
    });
  }
  await attack('and the session goes on', async () =>
    expect((await eve.browser.post('/api/auth/refresh')).status).toBe(200),
  );
});

stops('a code without the verifier of the page that asked for it', async (attack) => {
  const { verifier, challenge } = pkce();
  const wrong = [pkce().verifier, challenge, 'x'.repeat(43), verifier.toUpperCase(), `${verifier} `, 'a'.repeat(128)];
  for (const one of wrong) {
    await attack(one.slice(0, 20), async () => {
      const { code } = await server.comeBack(server.browser(), person('fred'), challenge);
      const thief = server.browser();
      const response = await thief.post('/api/auth/exchange', { code, verifier: one });
      expect([400, 401]).toContain(response.status);
      expect(response.headers.getSetCookie()).toEqual([]);
    });
  }
  await attack('no verifier', async () => {
    const { code } = await server.comeBack(server.browser(), person('fred'), challenge);
    expect((await server.browser().post('/api/auth/exchange', { code })).status).toBe(400);
  });
  await attack('a challenge that is none', async () => {
    for (const bad of ['', 'x', 'plain', 'a'.repeat(44), '../'.repeat(20)]) {
      const response = await server.browser().get(`/api/auth/login?challenge=${encodeURIComponent(bad)}`);
      expect(response.status).toBe(400);
    }
  });
  await attack('a code that was used', async () => {
    const browser = server.browser();
    const { code } = await server.comeBack(browser, person('gus'), challenge);
    const first = await browser.post('/api/auth/exchange', { code, verifier });
    const { accessToken } = (await first.json()) as TokenGrant;
    expect((await server.browser().post('/api/auth/exchange', { code, verifier })).status).toBe(401);
    expect(await statusOf(accessToken)).toBe(401);
  });
});

stops('a callback that this browser has not asked for (login CSRF, replayed state)', async (attack) => {
  const failed = (response: Response): void => {
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toMatch(/^\/login-failed\?/);
  };
  const callback = (browser = server.browser()): Promise<string> => server.callbackPath(browser, person('mallory'));
  await attack('in the browser of another person', async () => failed(await server.browser().get(await callback())));
  await attack('twice in the same browser', async () => {
    const browser = server.browser();
    const path = await callback(browser);
    const copy = browser.copy();
    expect((await browser.get(path)).headers.get('location')).toMatch(/^\/auth\/callback#/);
    failed(await browser.get(path));
    failed(await copy.get(path));
  });
  await attack('with the cookie of another sign-in', async () => {
    const victim = server.browser();
    await server.callbackPath(victim, person('hal'));
    failed(await victim.get(await callback()));
  });
  for (const [what, change] of [
    ['without state', (path: string) => path.replace(/&?state=[^&]*/, '')],
    ['with another state', (path: string) => path.replace(/state=[^&]*/, 'state=x')],
    ['with two states', (path: string) => `${path}&state=x`],
    ['without anything', () => '/api/auth/callback'],
    ['without a code', (path: string) => path.replace(/code=[^&]*/, '')],
    ['with a made-up code', (path: string) => path.replace(/code=[^&]*/, 'code=x')],
  ] as const) {
    await attack(what, async () => {
      const browser = server.browser();
      failed(await browser.get(change(await callback(browser))));
    });
  }
});

stops('a session that was planted before the sign-in (session fixation)', async (attack) => {
  const mallory = await server.signIn('mallory');
  const planted = mallory.browser.cookies.get(REFRESH) ?? '';
  const victim = server.browser();
  victim.cookies.set(REFRESH, planted);
  const signedIn = await server.signIn('ida', victim);
  await attack('the cookie is replaced', () => expect(victim.cookies.get(REFRESH)).not.toBe(planted));
  await attack('the planted cookie leads to no account of the victim', async () => {
    expect((await mallory.browser.post('/api/auth/refresh')).status).toBe(401);
    expect(signedIn.grant.user.email).toBe('ida@example.com');
  });
  await attack('a planted cookie that was never issued', async () => {
    const browser = server.browser();
    browser.cookies.set(REFRESH, 'chosen-by-an-attacker');
    await server.signIn('jo', browser);
    expect(browser.cookies.get(REFRESH)).not.toBe('chosen-by-an-attacker');
  });
});

stops('a sign-in from leading to another site', async (attack) => {
  const paths = [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '/\t/evil.example',
    '/%0d%0aset-cookie:x=1',
    'javascript:alert(1)',
    '/\r\nset-cookie: x=1',
    '\\\\evil.example',
    '/..//evil.example',
    `/${'x'.repeat(5_000)}`,
    '/@evil.example/..//evil.example',
  ];
  for (const path of paths) {
    await attack(path.slice(0, 40), async () => {
      const { location } = await server.comeBack(server.browser(), person('kim'), pkce().challenge, path);
      const { hash } = new URL(location, server.url);
      const to = new URLSearchParams(hash.slice(1)).get('return') ?? '';
      expect(location).toMatch(/^\/auth\/callback#/);
      expect(new URL(to, server.url).origin).toBe(server.url);
    });
  }
});
