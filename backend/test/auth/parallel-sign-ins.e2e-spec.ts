import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuthServer, person, pkce } from './auth-server.js';

/** The largest cookie that browsers store, with its name and attributes. */
const MAX_COOKIE_LENGTH = 4_096;

describe('parallel sign-ins in one browser', () => {
  let server: AuthServer;
  beforeAll(async () => void (server = await AuthServer.start()));
  afterAll(() => server[Symbol.asyncDispose]());

  it('all succeed, in any order, each only once', async () => {
    const browser = server.browser();
    const first = await server.callbackPath(browser, person('ann'));
    const second = await server.callbackPath(browser, person('bob'));
    const third = await server.callbackPath(browser, person('cleo'));
    for (const path of [second, first, third]) {
      expect((await browser.get(path)).headers.get('location')).toContain('/auth/callback#code=');
    }
    expect(browser.cookies.has('lockstep-login')).toBe(false);
    expect((await browser.get(first)).headers.get('location')).toBe('/login-failed?error=state_mismatch');
  });

  it('never exceed the size of a cookie: the oldest are dropped', async () => {
    const browser = server.browser();
    const paths: string[] = [];
    for (let times = 0; times < 8; times++) {
      paths.push(await server.callbackPath(browser, person('ann'), pkce().challenge, `/chat?${'long'.repeat(200)}`));
      expect(browser.lastSetCookies[0]?.length).toBeLessThan(MAX_COOKIE_LENGTH);
    }
    expect((await browser.get(paths[0] ?? '')).headers.get('location')).toBe('/login-failed?error=state_mismatch');
    expect((await browser.get(paths.at(-1) ?? '')).headers.get('location')).toContain('/auth/callback#code=');
  });
});
