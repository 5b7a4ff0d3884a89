import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ExpiredRowsSweep } from '../../src/auth/expired-rows.sweep.js';
import { Principals } from '../../src/auth/sessions/principals.js';
import { Session } from '../../src/auth/sessions/session.entity.js';
import { Database } from '../../src/database/database.js';
import type { Page, Role, SessionView } from '../../src/protocol/index.js';
import { AuthServer, type SignedIn } from './auth-server.js';

describe('sessions', () => {
  let server: AuthServer;
  beforeAll(async () => {
    server = await AuthServer.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const list = async ({ grant }: SignedIn): Promise<readonly SessionView[]> => {
    const response = await server.fetch('/api/auth/sessions', grant.accessToken);
    return ((await response.json()) as Page<SessionView>).items;
  };
  const current = async (who: SignedIn): Promise<string> => (await list(who)).find((one) => one.current)?.id ?? '';
  const end = ({ grant }: SignedIn, id: string): Promise<Response> =>
    server.fetch(`/api/auth/sessions/${id}`, grant.accessToken, { method: 'DELETE' });

  it('are listed for their own user, with the current one marked', async () => {
    const laptop = await server.signIn('ann');
    const phone = await server.signIn('ann');
    await server.signIn('bob');
    const sessions = await list(phone);
    expect(sessions).toHaveLength(2);
    expect(sessions.map((session) => session.current)).toEqual([true, false]);
    expect(await current(laptop)).not.toBe(await current(phone));
    expect(JSON.stringify(sessions)).not.toMatch(/hash/i);
  });

  it('can be ended from another device, and the tabs are notified', async () => {
    const laptop = await server.signIn('carl');
    const phone = await server.signIn('carl');
    const lost = await current(phone);
    expect((await end(laptop, lost)).status).toBe(204);
    expect((await server.fetch('/api/profile/me', phone.grant.accessToken)).status).toBe(401);
    expect((await phone.browser.post('/api/auth/refresh')).status).toBe(401);
    expect((await server.fetch('/api/profile/me', laptop.grant.accessToken)).status).toBe(200);
    expect(server.events).toContainEqual({
      stream: `user:${laptop.grant.user.id}`,
      type: 'session.ended',
      data: { sessionId: lost },
    });
    expect((await end(laptop, lost)).status).toBe(404);
  });

  it('end when the user signs in again in the same browser: only the one before', async () => {
    const laptop = await server.signIn('gus');
    const phone = await server.signIn('gus');
    const replaced = await current(laptop);
    const stolen = laptop.browser.copy();
    const again = await server.signIn('gus', laptop.browser);
    expect((await server.fetch('/api/profile/me', laptop.grant.accessToken)).status).toBe(401);
    expect((await stolen.post('/api/auth/refresh')).status).toBe(401);
    expect(server.events).toContainEqual({
      stream: `user:${laptop.grant.user.id}`,
      type: 'session.ended',
      data: { sessionId: replaced },
    });
    expect((await server.fetch('/api/profile/me', phone.grant.accessToken)).status).toBe(200);
    expect((await again.browser.post('/api/auth/refresh')).status).toBe(200);
    expect(await list(again)).toHaveLength(2);
  });

  it('end when another user signs in in the same browser', async () => {
    const hal = await server.signIn('hal');
    await server.signIn('ida', hal.browser);
    expect((await server.fetch('/api/profile/me', hal.grant.accessToken)).status).toBe(401);
  });

  it('do not end for a sign-in that fails, nor for a forged cookie', async () => {
    const jo = await server.signIn('jo');
    const refused = await jo.browser.post('/api/auth/exchange', { code: 'guess', verifier: 'v'.repeat(43) });
    expect(refused.status).toBe(401);
    const forger = server.browser();
    forger.cookies.set('lockstep-refresh', `${await current(jo)}.${'a'.repeat(43)}.${'b'.repeat(43)}`);
    await server.signIn('kim', forger);
    expect((await server.fetch('/api/profile/me', jo.grant.accessToken)).status).toBe(200);
  });

  it('[A3] of another user look like ones that do not exist', async () => {
    const ann = await server.signIn('ann');
    const bob = await server.signIn('bob');
    const foreign = await end(bob, await current(ann));
    const missing = await end(bob, '00000000-0000-7000-8000-000000000000');
    const withoutId = async (response: Response): Promise<object> => ({
      ...((await response.json()) as object),
      requestId: '',
    });
    expect(foreign.status).toBe(404);
    expect(await withoutId(foreign)).toEqual(await withoutId(missing));
    expect((await server.fetch('/api/profile/me', ann.grant.accessToken)).status).toBe(200);
    expect((await end(bob, 'nonsense')).status).toBe(400);
  });

  it('end at sign-out, which deletes the cookie', async () => {
    const { browser, grant } = await server.signIn('dora');
    const authorization = `Bearer ${grant.accessToken}`;
    const response = await browser.post('/api/auth/logout', {}, { authorization });
    expect(response.status).toBe(204);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(browser.cookies.has('lockstep-refresh')).toBe(false);
    expect((await browser.post('/api/auth/logout', {}, { authorization })).status).toBe(401);
    expect(
      server.events.some(({ type, stream }) => type === 'session.ended' && stream === `user:${grant.user.id}`),
    ).toBe(true);
  });

  it('cannot be ended by the page of another site', async () => {
    const { browser, grant } = await server.signIn('dora');
    const headers = { authorization: `Bearer ${grant.accessToken}`, origin: 'https://evil.example' };
    expect((await browser.post('/api/auth/logout', {}, headers)).status).toBe(403);
  });

  it('are checked in batches: ended and unknown ones are reported', async () => {
    const [standing, gone] = [await server.signIn('eve'), await server.signIn('eve')];
    const [id, goneId] = [await current(standing), await current(gone)];
    await end(standing, goneId);
    const nobodys = '00000000-0000-7000-8000-000000000000';
    const principal = { userId: standing.grant.user.id, sessionId: id, role: 'user' };
    const changed = async (role: Role | undefined): Promise<Map<string, unknown>> =>
      new Map(await server.get(Principals).changed([id, goneId, nobodys].map((sessionId) => ({ sessionId, role }))));
    const over = { [goneId]: undefined, [nobodys]: undefined };
    expect(Object.fromEntries(await changed('user'))).toStrictEqual(over);
    expect(Object.fromEntries(await changed('admin'))).toStrictEqual({ [id]: principal, ...over });
    expect(Object.fromEntries(await changed(undefined))).toStrictEqual({ [id]: principal, ...over });
    expect((await server.get(Principals).changed([])).size).toBe(0);
  });

  it('are removed from the database after they have expired', async () => {
    const count = (): Promise<number> => server.get(Database).read((em) => em.count(Session, {}));
    await server.signIn('finn');
    expect(await count()).toBeGreaterThan(0);
    await server.get(ExpiredRowsSweep).run(Date.now());
    expect(await count()).toBeGreaterThan(0);
    await server.get(ExpiredRowsSweep).run(Date.now() + 31 * 86_400_000);
    expect(await count()).toBe(0);
  });
});

describe('a server behind https', () => {
  it('binds its cookies to the host and to https', async () => {
    await using server = await AuthServer.start({ env: { PUBLIC_URL: 'https://chat.example' } });
    const browser = server.browser();
    await browser.get(`/api/auth/login?challenge=${'c'.repeat(43)}`);
    expect(browser.lastSetCookies[0]).toMatch(
      /^__Host-lockstep-login=[^;]+; Max-Age=600; Path=\/; .*HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(browser.lastSetCookies[0]).not.toContain('Domain');
    const { browser: signedIn } = await server.signIn('ann');
    expect(signedIn.lastSetCookies[0]).toMatch(/^__Host-lockstep-refresh=[^;]+; .*HttpOnly; Secure; SameSite=Strict$/);
  });
});
