import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuthServer, type SignedIn } from '../auth/auth-server.js';
import { idOf, readProfile } from './people.js';

describe('a profile', () => {
  let server: AuthServer;
  beforeAll(async () => {
    server = await AuthServer.start({ env: { DEFAULT_ROLE: 'pending' } });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const patch = (who: SignedIn, body: unknown): Promise<Response> =>
    server.fetch('/api/profile/me', who.grant.accessToken, { method: 'PATCH', body: JSON.stringify(body) });

  it('is open to a pending user, unlike admin routes', async () => {
    const ann = await server.signIn('ann');
    expect(ann.grant.user.role).toBe('pending');
    expect(await readProfile(server, ann)).toEqual(ann.grant.user);
    expect((await patch(ann, { name: 'Ann B.' })).status).toBe(200);
    expect((await server.fetch('/api/auth/sessions', ann.grant.accessToken)).status).toBe(200);
    expect((await server.fetch('/api/admin/users', ann.grant.accessToken)).status).toBe(403);
  });

  it('keeps the preferences that a change does not name, and notifies the tabs and the admins', async () => {
    const bob = await server.signIn('bob');
    await patch(bob, { preferences: { theme: 'dark', language: 'de' } });
    server.events.length = 0;
    const response = await patch(bob, { preferences: { theme: 'light' } });
    const expected = { ...bob.grant.user, preferences: { theme: 'light', language: 'de' } };
    expect(await response.json()).toEqual(expected);
    expect(await readProfile(server, bob)).toEqual(expected);
    const extra = {
      disabled: false,
      online: false,
      createdAt: expect.any(Number),
      lastSeenAt: null,
      roleByProvider: false,
    };
    expect(server.events).toEqual([
      { stream: 'admin', type: 'user.updated', data: { ...expected, ...extra } },
      { stream: `user:${idOf(bob)}`, type: 'user.updated', data: expected },
    ]);
  });

  it('publishes no event for a change without effect', async () => {
    const dan = await server.signIn('dan');
    await patch(dan, { name: 'Dan', preferences: { theme: 'dark', language: 'de' } });
    server.events.length = 0;
    const same = [{}, { name: 'Dan' }, { preferences: {} }, { name: 'Dan', preferences: { language: 'de' } }];
    for (const body of same) expect((await patch(dan, body)).status).toBe(200);
    expect(server.events).toEqual([]);
    expect((await patch(dan, { preferences: { language: 'fr' } })).status).toBe(200);
    expect(server.events).toHaveLength(2);
  });

  it('is limited to 30 changes a minute per user, from loopback too', async () => {
    const [eve, finn] = [await server.signIn('eve'), await server.signIn('finn')];
    const statuses: number[] = [];
    for (let n = 0; n < 40; n++) statuses.push((await patch(eve, { name: `Eve ${n}` })).status);
    expect(statuses).toEqual([...Array<number>(30).fill(200), ...Array<number>(10).fill(429)]);
    const refused = await patch(eve, { name: 'Eve' });
    expect(await refused.json()).toMatchObject({ code: 'rate_limited' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await patch(finn, { name: 'Finn' })).status).toBe(200);
    expect((await readProfile(server, eve)).name).toBe('Eve 29');
  });

  it.each([
    ['a role', { role: 'admin' }],
    ['an e-mail', { email: 'boss@example.com' }],
    ['an empty name', { name: '  ' }],
    ['a long name', { name: 'n'.repeat(201) }],
    ['unknown preferences', { preferences: { admin: true } }],
    ['an unknown theme', { preferences: { theme: 'pink' } }],
  ])('refuses %s', async (_what, body) => {
    const carl = await server.signIn('carl');
    const response = await patch(carl, body);
    expect(response.status).toBe(400);
    expect(await readProfile(server, carl)).toEqual(carl.grant.user);
  });
});
