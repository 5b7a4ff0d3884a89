import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { TokenGrant } from '../../src/protocol/index.js';
import { AuthServer, person, pkce } from './auth-server.js';
import { UsersService } from '../../src/users/users.service.js';
import { Clock } from '../../src/database/clock.js';
import { passTime } from '../support/pass-time.js';

describe('the exchange of a code', () => {
  let server: AuthServer;
  beforeAll(async () => {
    server = await AuthServer.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const finished = async (name: string) => {
    const browser = server.browser();
    const { verifier, challenge } = pkce();
    const { code } = await server.comeBack(browser, person(name), challenge);
    return { browser, code, verifier };
  };
  const isRefused = async (response: Response): Promise<void> => {
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'unauthenticated' });
    expect(response.headers.getSetCookie()).toEqual([]);
  };

  it('fails when the code was used before', async () => {
    const { browser, code, verifier } = await finished('ann');
    expect((await browser.post('/api/auth/exchange', { code, verifier })).status).toBe(200);
    await isRefused(await browser.post('/api/auth/exchange', { code, verifier }));
  });

  it('ends the session that the code opened, when the code is used again', async () => {
    const { browser, code, verifier } = await finished('reused');
    const opened = await browser.post('/api/auth/exchange', { code, verifier });
    const { accessToken, user } = (await opened.json()) as TokenGrant;
    const profile = (): Promise<Response> => server.fetch('/api/profile/me', accessToken);
    expect((await profile()).status).toBe(200);
    // Even long after the code has expired, and from any browser, a second use ends the session.
    passTime(server.get(Clock), 3_600_000);
    await isRefused(await server.browser().post('/api/auth/exchange', { code, verifier: pkce().verifier }));
    jest.restoreAllMocks();
    expect((await profile()).status).toBe(401);
    expect((await browser.post('/api/auth/refresh')).status).toBe(401);
    const stream = `user:${user.id}`;
    expect(server.events).toContainEqual({
      stream,
      type: 'session.ended',
      data: { sessionId: expect.any(String) },
    });
    expect(server.events.at(-1)).toMatchObject({
      type: 'audit.added',
      data: { action: 'sign_in.failed', targetId: user.id, detail: { reason: 'code_reused' } },
    });
    // The user's other sessions go on.
    const { grant } = await server.signIn('reused');
    await isRefused(await browser.post('/api/auth/exchange', { code, verifier }));
    expect((await server.fetch('/api/profile/me', grant.accessToken)).status).toBe(200);
  });

  it('succeeds once when several requests use the code at the same time', async () => {
    const { browser, code, verifier } = await finished('ann');
    const uses = Array.from({ length: 5 }, () => browser.copy().post('/api/auth/exchange', { code, verifier }));
    const statuses = (await Promise.all(uses)).map(({ status }) => status).sort((a, b) => a - b);
    expect(statuses).toEqual([200, 401, 401, 401, 401]);
  });

  it('fails with a wrong verifier, and from then on with the right one too', async () => {
    const { browser, code, verifier } = await finished('ann');
    await isRefused(await browser.post('/api/auth/exchange', { code, verifier: pkce().verifier }));
    await isRefused(await browser.post('/api/auth/exchange', { code, verifier }));
  });

  it('fails after a minute', async () => {
    const { browser, code, verifier } = await finished('ann');
    passTime(server.get(Clock), 60_001);
    await isRefused(await browser.post('/api/auth/exchange', { code, verifier }));
  });

  it('fails with an unknown code', async () => {
    await isRefused(await server.browser().post('/api/auth/exchange', { code: 'guess', verifier: pkce().verifier }));
  });

  it('fails for an account that was disabled after the callback', async () => {
    const { browser, code, verifier } = await finished('late');
    const [late] = await server.get(UsersService).findByEmail('late@example.com');
    await server.get(UsersService).change(null, late?.id ?? '', { disabled: true });
    await isRefused(await browser.post('/api/auth/exchange', { code, verifier }));
  });

  it.each([
    ['unknown keys', { code: 'c', verifier: 'v'.repeat(43), role: 'admin' }],
    ['a code that is no text', { code: { $ne: null }, verifier: 'v'.repeat(43) }],
    ['a short verifier', { code: 'c', verifier: 'v' }],
    ['nothing', {}],
  ])('fails for a body with %s', async (_what, body) => {
    const response = await server.browser().post('/api/auth/exchange', body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'bad_request' });
  });

  it('fails for the page of another site', async () => {
    const { browser, code, verifier } = await finished('ann');
    const headers = { origin: 'https://evil.example' };
    const response = await browser.post('/api/auth/exchange', { code, verifier }, headers);
    expect(response.status).toBe(403);
    expect((await browser.post('/api/auth/exchange', { code, verifier }, { origin: server.url })).status).toBe(200);
  });

  it('is limited per client address', async () => {
    const attempt = (address: string): Promise<Response> =>
      server.browser().post('/api/auth/exchange', {}, { 'x-forwarded-for': address });
    const statuses = new Set<number>();
    for (let tries = 0; tries < 600; tries++) statuses.add((await attempt('203.0.113.1')).status);
    expect([...statuses]).toEqual([400]);
    const refused = await attempt('203.0.113.1');
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ code: 'rate_limited' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await attempt('203.0.113.2')).status).toBe(400);
  });
});
