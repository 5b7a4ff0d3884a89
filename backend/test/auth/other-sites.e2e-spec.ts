import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuthServer, person, pkce, type SignedIn } from './auth-server.js';

const COOKIE_ROUTES = ['/api/auth/exchange', '/api/auth/refresh', '/api/auth/logout'];

describe('a request from the page of another site', () => {
  let server: AuthServer;
  let ann: SignedIn;
  beforeAll(async () => {
    server = await AuthServer.start();
    ann = await server.signIn('ann');
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const asAnn = (headers: Record<string, string>): Record<string, string> => ({
    authorization: `Bearer ${ann.grant.accessToken}`,
    ...headers,
  });

  it.each(COOKIE_ROUTES)('is refused by %s with any Origin', async (path) => {
    const { verifier, challenge } = pkce();
    const { code } = await server.comeBack(ann.browser, person('ann'), challenge);
    const body = path.endsWith('exchange') ? { code, verifier } : {};
    for (const site of ['cross-site', 'same-site', 'anything']) {
      for (const origin of ['', server.url, 'https://evil.example']) {
        const headers = asAnn({ 'sec-fetch-site': site, ...(origin !== '' && { origin }) });
        const response = await ann.browser.post(path, body, headers);
        expect(response.status).toBe(403);
        expect(response.headers.getSetCookie()).toEqual([]);
        expect(await response.json()).toMatchObject({ code: 'forbidden' });
      }
    }
    expect((await server.fetch('/api/profile/me', ann.grant.accessToken)).status).toBe(200);
  });

  it.each([
    ['a form', 'application/x-www-form-urlencoded', 'name=Eve&code=x'],
    ['an empty form', 'application/x-www-form-urlencoded', ''],
    ['a form with files', 'multipart/form-data; boundary=x', '--x--'],
    ['text that looks like JSON', 'text/plain', '{"name":"Eve"}'],
    ['text with a type that looks like JSON', 'text/plain; application/json', '{"name":"Eve"}'],
    ['a type that begins like JSON', 'application/jsonp', '{"name":"Eve"}'],
    ['bytes', 'application/octet-stream', '{"name":"Eve"}'],
    ['JSON in an unknown charset', 'application/json; charset=iso-8859-1', '{"name":"Eve"}'],
  ])('is refused with 415 as %s, which needs no preflight', async (_what, type, body) => {
    const routes = [
      ...COOKIE_ROUTES.map((path) => ({ method: 'POST', path })),
      { method: 'PATCH', path: '/api/profile/me' },
    ];
    for (const { method, path } of routes) {
      const headers = asAnn({ 'content-type': type });
      const response = await fetch(`${server.url}${path}`, { method, headers, body: new TextEncoder().encode(body) });
      expect({ path, status: response.status }).toEqual({ path, status: 415 });
      expect(response.headers.get('content-type')).toContain('application/problem+json');
      expect(await response.json()).toMatchObject({ status: 415, code: 'bad_request' });
    }
  });

  it('may have no body, or JSON in any spelling of its type', async () => {
    const logout = await server.fetch('/api/auth/logout', 'x', { method: 'POST' });
    expect(logout.status).toBe(401);
    for (const type of ['application/json', 'Application/JSON; charset=UTF-8', 'application/json;charset=utf-8']) {
      const init = { method: 'PATCH', headers: asAnn({ 'content-type': type }), body: '{"preferences":{}}' };
      expect((await fetch(`${server.url}/api/profile/me`, init)).status).toBe(200);
    }
  });
});
