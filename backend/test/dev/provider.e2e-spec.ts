import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { type ServedLocalServices, serveLocalServices } from './serve-local-services.js';

let served: ServedLocalServices;

beforeAll(async () => {
  served = await serveLocalServices();
});
afterAll(async () => {
  await served[Symbol.asyncDispose]();
});

/** A minimal browser: it keeps cookies, and does not follow redirects by itself. */
class Browser {
  private readonly cookies = new Map<string, string>();

  async open(url: string, form?: Record<string, string>): Promise<Response> {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      this.cookies.set(name, value);
    }
    return response;
  }
}

const next = (response: Response): string => new URL(response.headers.get('location') ?? '', response.url).href;

interface Beginning {
  readonly browser: Browser;
  readonly verifier: string;
  readonly page: Response;
  readonly pageUrl: string;
}

function authorizationUrl(verifier: string, changes: Record<string, string> = {}): string {
  const { google, publicUrl } = served.config;
  const parameters = {
    client_id: google.clientId,
    redirect_uri: `${publicUrl}/api/auth/callback`,
    response_type: 'code',
    scope: 'openid email profile',
    state: 'state-1',
    prompt: 'select_account',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...changes,
  };
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== ''));
  return `${google.authorizationUrl}?${query.toString()}`;
}

async function begin(browser = new Browser()): Promise<Beginning> {
  const verifier = randomBytes(32).toString('base64url');
  const redirect = await browser.open(authorizationUrl(verifier));
  expect(redirect.status).toBe(303);
  const pageUrl = next(redirect);
  return { browser, verifier, page: await browser.open(pageUrl), pageUrl };
}

/** Follows redirects from the submitted form until the address of the callback. */
async function choose({ browser, pageUrl }: Beginning, form: Record<string, string>): Promise<URL> {
  let response = await browser.open(pageUrl, form);
  for (let hops = 0; hops < 5; hops += 1) {
    const url = new URL(next(response));
    if (url.pathname === '/api/auth/callback') return url;
    response = await browser.open(url.href);
  }
  throw new Error('The callback was not reached');
}

function exchange(code: string, changes: Record<string, string> = {}): Promise<Response> {
  const { google, publicUrl } = served.config;
  return fetch(google.tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: `${publicUrl}/api/auth/callback`,
      client_id: google.clientId,
      client_secret: google.clientSecret,
      ...changes,
    }),
  });
}

async function signIn(form: Record<string, string>): Promise<Record<string, unknown>> {
  const beginning = await begin();
  const callback = await choose(beginning, form);
  expect(callback.searchParams.get('state')).toBe('state-1');
  const code = callback.searchParams.get('code') ?? '';
  const answer = await exchange(code, { code_verifier: beginning.verifier });
  expect(answer.status).toBe(200);
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const info = await fetch(served.config.google.userinfoUrl, { headers: { authorization: `Bearer ${token}` } });
  expect(info.status).toBe(200);
  return (await info.json()) as Record<string, unknown>;
}

describe('the local provider', () => {
  test('signs in an offered account, with the fields of Google', async () => {
    expect(await signIn({ account: 'ada@example.com' })).toEqual({
      sub: expect.stringMatching(/^\d{21}$/),
      email: 'ada@example.com',
      email_verified: true,
      name: 'Ada Lovelace',
      given_name: 'Ada',
      hd: 'example.com',
      picture: expect.stringMatching(/^http.*\/local\/google\/pictures\/\d{21}\.png$/),
    });
  });

  test('signs in any typed account, and recognises the address again', async () => {
    const first = await signIn({ email: ' Mary.Shelley@Lakeside.example ', name: 'Mary <Godwin> Shelley' });
    expect(first).toMatchObject({
      email: 'mary.shelley@lakeside.example',
      name: 'Mary <Godwin> Shelley',
      hd: 'lakeside.example',
    });
    const second = await signIn({ email: 'mary.shelley@lakeside.example', name: '' });
    expect(second).toMatchObject({ sub: first['sub'], name: 'Mary Shelley' });
  });

  test('gives an address without an organisation no hd', async () => {
    expect(await signIn({ email: 'somebody@gmail.com', name: '' })).not.toHaveProperty('hd');
  });

  test.each([
    ['no challenge', { code_challenge: '', code_challenge_method: '' }],
    ['a plain challenge', { code_challenge_method: 'plain' }],
  ])('refuses a request with %s', async (_name, changes) => {
    const response = await new Browser().open(authorizationUrl('v'.repeat(43), changes));
    expect(new URL(next(response)).searchParams.get('error')).toBe('invalid_request');
  });

  test('refuses another redirect address on a page of its own', async () => {
    const response = await new Browser().open(
      authorizationUrl('v'.repeat(43), { redirect_uri: 'https://elsewhere.example/' }),
    );
    expect(response.status).toBe(400);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await response.text()).toContain('This request cannot be answered');
  });

  test.each([
    ['another verifier', (): Record<string, string> => ({ code_verifier: 'w'.repeat(43) })],
    ['no verifier', (): Record<string, string> => ({})],
    [
      'another secret',
      (verifier: string): Record<string, string> => ({ code_verifier: verifier, client_secret: 'wrong' }),
    ],
  ])('refuses to exchange a code with %s', async (_name, changes) => {
    const beginning = await begin();
    const callback = await choose(beginning, { account: 'alan@example.com' });
    const answer = await exchange(callback.searchParams.get('code') ?? '', changes(beginning.verifier));
    expect(answer.status).toBeGreaterThanOrEqual(400);
  });

  test('exchanges a code once', async () => {
    const beginning = await begin();
    const code = (await choose(beginning, { account: 'alan@example.com' })).searchParams.get('code') ?? '';
    expect((await exchange(code, { code_verifier: beginning.verifier })).status).toBe(200);
    expect((await exchange(code, { code_verifier: beginning.verifier })).status).toBe(400);
  });

  test('asks for the account each time, also in a browser that has signed in before', async () => {
    const beginning = await begin();
    await choose(beginning, { account: 'grace@example.com' });
    const again = await begin(beginning.browser);
    expect(await again.page.text()).toContain('Choose an account');
  });

  test('keeps its cookies to its own path', async () => {
    const redirect = await new Browser().open(authorizationUrl('v'.repeat(43)));
    const cookies = redirect.headers.getSetCookie();
    expect(cookies.length).toBeGreaterThan(0);
    for (const cookie of cookies) expect(cookie).toMatch(/path=\/local\/google/i);
  });

  test('marks the accounts that become admins', async () => {
    const text = await (await begin()).page.text();
    expect([...served.config.adminEmails]).toEqual(['ada@example.com']);
    expect(text.match(/class="badge"/g)).toHaveLength(1);
  });

  test('says that it is not Google, under a policy without scripts', async () => {
    const { page, pageUrl } = await begin();
    const text = await page.text();
    expect(text).toContain('This is the local provider, not Google.');
    expect(text).not.toMatch(/<script/i);
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*style-src 'self'/);
    const style = await fetch(new URL('/local/google/page.css', pageUrl));
    expect(style.headers.get('content-type')).toContain('text/css');
  });

  test('shows an invalid input again, escaped', async () => {
    const { browser, pageUrl } = await begin();
    const response = await browser.open(pageUrl, {
      email: '"><script>alert(1)</script>',
      name: "<img src=x onerror='1'>",
    });
    expect(response.status).toBe(422);
    const text = await response.text();
    expect(text).toContain('role="alert"');
    expect(text).not.toMatch(/<script|<img/);
    expect(text).toContain('&lt;script&gt;');
  });

  test('does not sign in an account that is not offered', async () => {
    const { browser, pageUrl } = await begin();
    expect((await browser.open(pageUrl, { account: 'root@example.com' })).status).toBe(422);
  });

  test('sends a cancelled sign-in back with an error', async () => {
    const beginning = await begin();
    const callback = await choose({ ...beginning, pageUrl: `${beginning.pageUrl}/cancel` }, {});
    expect(callback.searchParams.get('error')).toBe('access_denied');
    expect(callback.searchParams.get('state')).toBe('state-1');
  });

  test('shows a page, not a stack trace, to a browser that did not start the sign-in', async () => {
    const { pageUrl } = await begin();
    const response = await new Browser().open(pageUrl);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('This sign-in is over');
  });

  test('limits the length of forms', async () => {
    const { browser, pageUrl } = await begin();
    expect((await browser.open(pageUrl, { email: 'a'.repeat(10_000), name: '' })).status).toBe(413);
  });
});
