import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditEntry } from '../../src/protocol/index.js';
import { RefusedAttempts } from '../../src/users/admin/refused-attempts.js';
import { UsersService } from '../../src/users/users.service.js';
import { AuthServer, person, type SignedIn } from '../auth/auth-server.js';
import { answers } from '../../testing/provider/faults.js';
import { AdminRoutes, idOf, signInAs } from './people.js';

const FROM = { 'x-forwarded-for': '2001:db8::7', 'x-request-id': 'id-of-a-proxy' };

describe('[A5] the audit records, with address and request id:', () => {
  let server: AuthServer;
  let ada: SignedIn;
  let admin: AdminRoutes;
  beforeAll(async () => {
    server = await AuthServer.start({ env: { ADMIN_EMAILS: 'boss@example.com,late@example.com' } });
    ada = await signInAs(server, 'ada', 'admin');
    admin = new AdminRoutes(server, ada);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const newest = async (): Promise<AuditEntry | undefined> => (await admin.audit({ limit: '1' })).items[0];
  const patch = (who: SignedIn, path: string, body: unknown, headers = FROM): Promise<Response> =>
    server.fetch(path, who.grant.accessToken, { method: 'PATCH', body: JSON.stringify(body), headers });
  /** Returns from the provider with a profile, from the address of `FROM`. */
  const fail = async (profile: Record<string, unknown>): Promise<void> => {
    const browser = server.browser();
    await browser.get(await server.callbackPath(browser, profile), FROM);
  };

  it('the promotion of an admin by ADMIN_EMAILS, at the first sign-in or later', async () => {
    const boss = await server.signIn('boss');
    const entry = await newest();
    expect(entry).toMatchObject({
      action: 'user.role_changed',
      actorId: null,
      targetId: idOf(boss),
      targetEmail: 'boss@example.com',
      address: '127.0.0.1',
      requestId: expect.any(String),
      detail: { from: 'user', to: 'admin', reason: 'ADMIN_EMAILS' },
    });
    await server.signIn('boss');
    expect(await newest()).toEqual(entry);

    const late = await server.signIn({ ...person('late'), email: 'early@example.com' });
    await server.signIn('late');
    const [promoted, moved] = (await admin.audit({ limit: '2' })).items;
    expect(promoted).toMatchObject({ targetId: idOf(late), detail: { reason: 'ADMIN_EMAILS' } });
    expect(moved).toMatchObject({ action: 'user.email_changed', targetId: idOf(late) });
  });

  it('a change of e-mail at the provider', async () => {
    const cleo = await server.signIn('cleo');
    await fail({ ...person('cleo'), email: 'cleo@example.org' });
    expect(await newest()).toMatchObject({
      action: 'user.email_changed',
      actorId: idOf(cleo),
      targetId: idOf(cleo),
      detail: { from: 'cleo@example.com', to: 'cleo@example.org' },
      address: '2001:db8::7',
      requestId: 'id-of-a-proxy',
    });
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    [
      'an e-mail that is not verified',
      { ...person('mallory'), email_verified: false },
      { reason: 'email_unverified', email: 'mallory@example.com' },
    ],
    ['a profile that says nothing', {}, { reason: expect.any(String) }],
  ])('a failed sign-in because of %s', async (_what, profile, detail) => {
    await fail(profile);
    expect(await newest()).toMatchObject({
      action: 'sign_in.failed',
      actorId: null,
      targetId: null,
      address: '2001:db8::7',
      requestId: 'id-of-a-proxy',
      detail,
    });
  });

  it('a sign-in to a disabled account', async () => {
    const gone = await server.signIn('gone');
    await admin.change(idOf(gone), { disabled: true });
    await fail(person('gone'));
    expect(await newest()).toMatchObject({
      action: 'sign_in.failed',
      targetId: idOf(gone),
      targetEmail: 'gone@example.com',
      detail: { reason: 'account_disabled' },
    });
  });

  it('a sign-in with a forged state, and one refused by the provider', async () => {
    await server.browser().get('/api/auth/callback?code=x&state=y', FROM);
    expect(await newest()).toMatchObject({ action: 'sign_in.failed', detail: { reason: 'state_mismatch' } });
    server.provider.tokenMisbehaves = answers(401, { error: 'invalid_client' });
    await fail(person('ann'));
    server.provider.tokenMisbehaves = undefined;
    expect(await newest()).toMatchObject({ action: 'sign_in.failed', address: '2001:db8::7' });
  });

  it('an admin command attempted by another user', async () => {
    const eve = await server.signIn('eve');
    const refused = await patch(eve, `/api/admin/users/${idOf(eve)}`, { role: 'admin' });
    expect(refused.status).toBe(403);
    const entry = {
      action: 'admin.refused',
      actorId: idOf(eve),
      actorEmail: 'eve@example.com',
      address: '2001:db8::7',
      requestId: 'id-of-a-proxy',
      detail: { reason: 'role', role: 'user', act: `PATCH /api/admin/users/${idOf(eve)}` },
    };
    expect(await newest()).toMatchObject(entry);
    expect(server.events.at(-1)).toMatchObject({ stream: 'admin', type: 'audit.added', data: entry });
  });

  it('no refusal for a reason other than the role', async () => {
    const pending = await signInAs(server, 'finn', 'pending');
    const before = await newest();
    expect((await server.fetch('/api/profile/me')).status).toBe(401);
    expect((await patch(pending, '/api/profile/me', { role: 'admin' })).status).toBe(400);
    expect(await newest()).toEqual(before);
  });

  it('no forged address of a proxy, and no zone of an address', async () => {
    for (const [given, kept] of [
      ['x'.repeat(5_000), null],
      [`fe80::1%${'z'.repeat(500)}`, 'fe80::1'],
      ['::ffff:203.0.113.9', '203.0.113.9'],
    ] as const) {
      await server.browser().get('/api/auth/callback', { 'x-forwarded-for': given });
      expect(await newest()).toMatchObject({ action: 'sign_in.failed', address: kept });
    }
  });

  it('a change from the command line, without both', async () => {
    const gil = await server.signIn('gil');
    await server.get(UsersService).change(null, idOf(gil), { role: 'pending' });
    expect(await newest()).toMatchObject({ targetId: idOf(gil), actorId: null, address: null, requestId: null });
  });

  it('a limited number of repeated failures, which would otherwise fill the disk', async () => {
    const before = new Set((await admin.audit({ limit: '100' })).items.map(({ id }) => id));
    for (let n = 0; n < 70; n++) {
      await server.browser().get('/api/auth/callback', { 'x-forwarded-for': '198.51.100.1' });
    }
    const after = (await admin.audit({ limit: '100' })).items.filter(({ id }) => !before.has(id));
    expect(after).toHaveLength(60);
    await server.get(RefusedAttempts).record({ action: 'sign_in.failed', actorId: idOf(ada), detail: {} });
    expect(await newest()).toMatchObject({ actorId: idOf(ada) });
  });
});

it('[A5] the audit records an attempt to remove the last admin', async () => {
  await using alone = await AuthServer.start();
  const root = await signInAs(alone, 'root', 'admin');
  const routes = new AdminRoutes(alone, root);
  expect((await routes.change(idOf(root), { role: 'user' })).status).toBe(409);
  expect((await routes.audit()).items[0]).toMatchObject({
    action: 'admin.refused',
    actorId: idOf(root),
    targetId: idOf(root),
    detail: { reason: 'last_admin', role: 'user' },
  });
});
