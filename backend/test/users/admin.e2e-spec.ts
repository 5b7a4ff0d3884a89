import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { UsersService } from '../../src/users/users.service.js';
import { AuthServer, type SignedIn } from '../auth/auth-server.js';
import { AdminRoutes, idOf, signInAs } from './people.js';

const UNKNOWN_USER = '00000000-0000-7000-8000-000000000000';

describe('an admin', () => {
  let server: AuthServer;
  let ada: SignedIn;
  let admin: AdminRoutes;
  beforeAll(async () => {
    server = await AuthServer.start();
    ada = await signInAs(server, 'ada', 'admin');
    admin = new AdminRoutes(server, ada);
  });
  afterAll(() => server[Symbol.asyncDispose]());
  beforeEach(() => {
    server.events.length = 0;
  });

  it('[A5] changes a role, with an audit row, and notifies the user and the admins', async () => {
    const bob = await server.signIn('bob');
    server.events.length = 0;
    const { status, body } = await admin.change(idOf(bob), { role: 'pending' });
    expect(status).toBe(200);
    expect(body).toEqual({
      ...bob.grant.user,
      role: 'pending',
      disabled: false,
      online: false,
      createdAt: expect.any(Number),
      lastSeenAt: null,
      roleByProvider: false,
    });
    const entry = {
      id: expect.any(String),
      at: expect.any(Number),
      actorId: idOf(ada),
      actorEmail: 'ada@example.com',
      action: 'user.role_changed',
      targetId: idOf(bob),
      targetEmail: 'bob@example.com',
      address: '127.0.0.1',
      requestId: expect.any(String),
      detail: { from: 'user', to: 'pending' },
    };
    expect((await admin.audit()).items[0]).toEqual(entry);
    expect(server.events).toEqual([
      { stream: 'admin', type: 'audit.added', data: entry },
      { stream: 'admin', type: 'user.updated', data: body },
      { stream: `user:${idOf(bob)}`, type: 'user.updated', data: { ...bob.grant.user, role: 'pending' } },
    ]);
  });

  it('disables an account, which ends its sessions at once', async () => {
    const carl = await server.signIn('carl');
    await server.signIn('carl');
    const { body } = await admin.change(idOf(carl), { disabled: true });
    expect(body.disabled).toBe(true);
    expect((await server.fetch('/api/profile/me', carl.grant.accessToken)).status).toBe(401);
    expect(server.events.filter(({ type }) => type === 'session.ended')).toHaveLength(2);
    expect((await admin.audit()).items[0]).toMatchObject({ action: 'user.disabled', targetId: idOf(carl) });

    expect((await admin.change(idOf(carl), { disabled: false })).body.disabled).toBe(false);
    expect((await admin.audit()).items[0]).toMatchObject({ action: 'user.enabled' });
    expect((await server.fetch('/api/profile/me', carl.grant.accessToken)).status).toBe(401);
  });

  it('makes no audit row for a change without effect', async () => {
    const dora = await server.signIn('dora');
    const before = (await admin.audit()).items.length;
    server.events.length = 0;
    for (const change of [{}, { role: 'user' }, { disabled: false }]) {
      expect((await admin.change(idOf(dora), change)).body).toMatchObject({ id: idOf(dora), role: 'user' });
    }
    expect((await admin.audit()).items).toHaveLength(before);
    expect(server.events).toEqual([]);
  });

  it('is limited to 600 changes a minute, from loopback too, without effect on other admins', async () => {
    const [root, gus] = [await signInAs(server, 'root', 'admin'), await server.signIn('gus')];
    const routes = new AdminRoutes(server, root);
    for (let n = 0; n < 600; n += 20) {
      const changes = Array.from({ length: 20 }, () => routes.change(idOf(gus), { role: 'user' }));
      expect(new Set((await Promise.all(changes)).map(({ status }) => status))).toEqual(new Set([200]));
    }
    expect((await routes.change(idOf(gus), { role: 'admin' })).status).toBe(429);
    expect((await admin.change(idOf(gus), { role: 'pending' })).body).toMatchObject({ role: 'pending' });
  });

  it('gets 404 for an unknown user', async () => {
    const { status, body } = await admin.change(UNKNOWN_USER, { role: 'user' });
    expect({ status, code: body.code }).toEqual({ status: 404, code: 'not_found' });
  });

  it.each([
    ['unknown keys', { role: 'user', email: 'new@example.com' }],
    ['an unknown role', { role: 'owner' }],
    ['a role that is a query', { role: { $ne: 'user' } }],
    ['disabled that is no boolean', { disabled: 1 }],
    ['a list', []],
  ])('is refused a change with %s', async (_what, change) => {
    const { status, body } = await admin.change(idOf(ada), change);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'bad_request' });
  });

  it('is refused an invalid id', async () => {
    expect((await admin.change("1' or '1'='1", { role: 'user' })).status).toBe(400);
  });

  it.each(['pending', 'user'] as const)('does not have the role %s', async (role) => {
    const other = await signInAs(server, `is-${role}`, role);
    const routes = new AdminRoutes(server, other);
    expect((await routes.get('users')).status).toBe(403);
    expect((await routes.get('audit')).status).toBe(403);
    expect((await routes.change(idOf(other), { role: 'admin' })).status).toBe(403);
    expect((await routes.change(UNKNOWN_USER, { role: 'admin' })).status).toBe(403);
  });
});

describe('[A4] the last admin', () => {
  let server: AuthServer;
  let ada: SignedIn;
  beforeEach(async () => {
    server = await AuthServer.start();
    ada = await signInAs(server, 'ada', 'admin');
  });
  afterEach(() => server[Symbol.asyncDispose]());

  it.each([{ role: 'user' }, { role: 'pending' }, { disabled: true }, { role: 'admin', disabled: true }])(
    'stays: %p',
    async (change) => {
      const { status, body } = await new AdminRoutes(server, ada).change(idOf(ada), change);
      expect({ status, code: body.code }).toEqual({ status: 409, code: 'last_admin' });
      expect(await new AdminRoutes(server, ada).users()).toMatchObject({ items: [{ role: 'admin', disabled: false }] });
    },
  );

  it('does not have a disabled account', async () => {
    const bob = await signInAs(server, 'bob', 'admin');
    const admin = new AdminRoutes(server, ada);
    expect((await admin.change(idOf(bob), { disabled: true })).status).toBe(200);
    expect((await admin.change(idOf(ada), { role: 'user' })).status).toBe(409);
    expect((await admin.change(idOf(bob), { role: 'user' })).status).toBe(200);
  });

  it('remains when all admins demote each other at the same time', async () => {
    const admins = [ada];
    for (const name of ['bob', 'carl', 'dora']) admins.push(await signInAs(server, name, 'admin'));
    const users = server.get(UsersService);
    const outcomes = await Promise.allSettled(
      admins.flatMap((target) => [
        users.change(null, idOf(target), { role: 'user' }),
        users.change(null, idOf(target), { disabled: true }),
      ]),
    );
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(2);
    for (const one of refused) expect(one).toMatchObject({ reason: { code: 'last_admin' } });
    const standing = await Promise.all(admins.map((one) => users.findById(idOf(one))));
    expect(standing.flat().filter(({ role, disabled }) => role === 'admin' && !disabled)).toHaveLength(1);
  });
});
