import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Clock } from '../../src/database/clock.js';
import { OldRecords } from '../../src/auth/old-records.js';
import type { Invitation, Page, Problem } from '../../src/protocol/index.js';
import { Accounts } from '../../src/users/accounts.js';
import { InvitationsService } from '../../src/users/invitations/invitations.service.js';
import { UsersService } from '../../src/users/users.service.js';
import { AuthServer, person, type SignedIn } from '../auth/auth-server.js';
import { passTime } from '../support/pass-time.js';
import { AdminRoutes, idOf, signInAs } from './people.js';

const DAY_MS = 24 * 3_600_000;
const PATH = '/api/admin/invitations';

let server: AuthServer;
let ada: SignedIn;
let admin: AdminRoutes;
beforeAll(async () => {
  server = await AuthServer.start({ env: { DEFAULT_ROLE: 'pending', ADMIN_EMAILS: 'boss@example.com' } });
  ada = await signInAs(server, 'ada', 'admin');
  admin = new AdminRoutes(server, ada);
});
afterAll(() => server[Symbol.asyncDispose]());
afterEach(() => {
  jest.restoreAllMocks();
});

const post = (body: unknown, who = ada): Promise<Response> =>
  server.fetch(PATH, who.grant.accessToken, { method: 'POST', body: JSON.stringify(body) });
const invite = async (email: string, role = 'user'): Promise<Invitation> => {
  const response = await post({ email, role });
  expect(response.status).toBe(201);
  return (await response.json()) as Invitation;
};
const withdraw = (id: string, who = ada): Promise<Response> =>
  server.fetch(`${PATH}/${id}`, who.grant.accessToken, { method: 'DELETE' });
const list = async (query = ''): Promise<Page<Invitation>> =>
  (await (await server.fetch(`${PATH}${query}`, ada.grant.accessToken)).json()) as Page<Invitation>;
const waiting = async (): Promise<readonly string[]> => (await list()).items.map(({ email }) => email);
const eventsOf = (type: string): unknown[] =>
  server.events.filter((event) => event.stream === 'admin' && event.type === type).map(({ data }) => data);

describe('an invitation', () => {
  it('[A5] gives the account its role at the first sign-in, whatever the case of the address, and is used up', async () => {
    const invitation = await invite('Grace@Example.COM', 'admin');
    expect(invitation).toEqual({
      id: expect.any(String),
      email: 'Grace@Example.COM',
      role: 'admin',
      inviterEmail: 'ada@example.com',
      createdAt: expect.any(Number),
      expiresAt: invitation.createdAt + 30 * DAY_MS,
    });
    expect(eventsOf('invitation.added').at(-1)).toEqual(invitation);
    expect(await waiting()).toEqual(['Grace@Example.COM']);

    const grace = await server.signIn('grace');
    expect(grace.grant.user.role).toBe('admin');
    expect(await waiting()).toEqual([]);
    expect(eventsOf('invitation.ended').at(-1)).toEqual({ id: invitation.id });
    expect(eventsOf('user.added').at(-1)).toMatchObject({ id: idOf(grace), role: 'admin' });
    const [used, added] = (await admin.audit({ action: 'invitation' })).items;
    expect(used).toMatchObject({
      action: 'invitation.used',
      actorId: idOf(grace),
      targetId: idOf(grace),
      detail: { role: 'admin', inviter: 'ada@example.com' },
    });
    expect(added).toMatchObject({
      action: 'invitation.added',
      actorEmail: 'ada@example.com',
      detail: { email: 'Grace@Example.COM', role: 'admin', expiresAt: invitation.expiresAt },
    });
  });

  it('is not opened by an address that the provider has not verified', async () => {
    await invite('eve@example.com', 'admin');
    const browser = server.browser();
    const callback = await server.callbackPath(browser, { ...person('eve'), email_verified: false });
    expect((await browser.get(callback)).headers.get('location')).toContain('email_unverified');
    expect(await waiting()).toEqual(['eve@example.com']);
    const [{ id } = { id: '' }] = (await list()).items;
    expect((await withdraw(id)).status).toBe(204);
  });

  it('has no effect after it was withdrawn, which a second request does not find', async () => {
    const { id } = await invite('finn@example.com', 'admin');
    expect((await withdraw(id)).status).toBe(204);
    expect(eventsOf('invitation.ended').at(-1)).toEqual({ id });
    expect((await withdraw(id)).status).toBe(404);
    expect((await server.signIn('finn')).grant.user.role).toBe('pending');
    expect((await admin.audit({ action: 'invitation.withdrawn' })).items[0]).toMatchObject({
      actorId: idOf(ada),
      detail: { email: 'finn@example.com', role: 'admin' },
    });
  });

  it('changes its role and its days when the address is invited again', async () => {
    const first = await invite('gil@example.com', 'user');
    const again = await invite('GIL@example.com', 'admin');
    expect(again).toMatchObject({ id: first.id, email: 'GIL@example.com', role: 'admin' });
    expect(again.expiresAt).toBeGreaterThanOrEqual(first.expiresAt);
    expect(await waiting()).toEqual(['GIL@example.com']);
    expect((await server.signIn('gil')).grant.user.role).toBe('admin');
  });

  it('is one when two admins invite the address at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => post({ email: 'hal@example.com', role: 'user' })),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(await waiting()).toEqual(['hal@example.com']);
  });

  it('is used once when two people with the address sign in at once, at two providers', async () => {
    await invite('twin@example.com', 'admin');
    const signIn = (issuer: string) =>
      server.get(Accounts).signIn({ issuer, subject: '1', email: 'twin@example.com', name: 'Twin', picture: null });
    const users = await Promise.all([signIn('https://one.example'), signIn('https://two.example')]);
    expect(users.map(({ role }) => role).sort()).toEqual(['admin', 'pending']);
  });

  it('yields to the role by the claims of the provider, and to ADMIN_EMAILS', async () => {
    await invite('claimed@example.com', 'admin');
    await invite('boss@example.com', 'user');
    const claimed = await server.get(Accounts).signIn({
      issuer: 'https://one.example',
      subject: '2',
      email: 'claimed@example.com',
      name: 'Claimed',
      picture: null,
      role: 'user',
    });
    expect(claimed).toMatchObject({ role: 'user', roleIssuer: 'https://one.example' });
    expect((await server.signIn('boss')).grant.user.role).toBe('admin');
    expect(await waiting()).not.toContain('claimed@example.com');
  });

  it('is refused for an address that has an account, also as a linked identity', async () => {
    const ivy = await server.signIn('ivy');
    for (const email of ['ivy@example.com', 'IVY@example.com']) {
      const response = await post({ email, role: 'user' });
      expect(response.status).toBe(409);
      expect((await response.json()) as Problem).toMatchObject({
        code: 'account_exists',
        detail: 'This address has an account already.',
      });
    }
    expect((await server.signIn('ivy')).grant.user).toMatchObject({ id: idOf(ivy), role: 'pending' });
  });

  it('is not used by the sign-in of a person who has an account', async () => {
    const jan = await server.signIn('jan');
    await invite('jan.new@example.com', 'admin');
    const moved = await server.signIn({ ...person('jan'), email: 'jan.new@example.com' });
    expect(moved.grant.user).toMatchObject({ id: idOf(jan), email: 'jan.new@example.com', role: 'pending' });
    expect(await waiting()).toContain('jan.new@example.com');
  });

  it.each<[string, unknown]>([
    ['no address', { email: 'nobody', role: 'user' }],
    ['two addresses', { email: 'a@example.com, b@example.com', role: 'user' }],
    ['an invisible character', { email: 'a\u200Bb@example.com', role: 'user' }],
    ['too long an address', { email: `${'x'.repeat(320)}@example.com`, role: 'user' }],
    ['the role of those who wait', { email: 'x@example.com', role: 'pending' }],
    ['no role', { email: 'x@example.com' }],
    ['an unknown key', { email: 'x@example.com', role: 'user', days: 300 }],
  ])('is refused with %s', async (_what, body) => {
    expect((await post(body)).status).toBe(400);
  });

  it('[A1] is for admins only, and never for an access token', async () => {
    const user = await signInAs(server, 'kim', 'user');
    expect((await post({ email: 'x@example.com', role: 'admin' }, user)).status).toBe(403);
    const created = await server.fetch('/api/tokens', ada.grant.accessToken, {
      method: 'POST',
      body: JSON.stringify({ name: 'x', scopes: ['chat', 'read'], expiresAt: null }),
    });
    const { token } = (await created.json()) as { token: string };
    const body = JSON.stringify({ email: 'x@example.com', role: 'admin' });
    expect((await server.fetch(PATH, token, { method: 'POST', body })).status).toBe(403);
    expect(await waiting()).not.toContain('x@example.com');
  });
});

it('an invitation has no effect after 30 days, and is listed for 30 more', async () => {
  await using other = await AuthServer.start({ env: { DEFAULT_ROLE: 'pending' } });
  const root = await signInAs(other, 'root', 'admin');
  const invitations = other.get(InvitationsService);
  const actor = { userId: idOf(root), sessionId: idOf(root), role: 'admin' } as const;
  const inTime = await invitations.invite(actor, { email: 'early@example.com', role: 'admin' });
  await invitations.invite(actor, { email: 'late@example.com', role: 'admin' });
  const listed = async (): Promise<readonly string[]> =>
    (await invitations.list({ limit: 100 })).items.map(({ email }) => email);
  const roleOf = async (name: string): Promise<string> => {
    const identity = { issuer: 'https://one.example', subject: name, email: `${name}@example.com` };
    return (await other.get(Accounts).signIn({ ...identity, name, picture: null })).role;
  };
  passTime(other.get(Clock), 29 * DAY_MS);
  expect(await roleOf('early')).toBe('admin');
  passTime(other.get(Clock), 2 * DAY_MS);
  await other.get(OldRecords).sweep(inTime.expiresAt + 29 * DAY_MS);
  expect(await listed()).toEqual(['late@example.com']);
  expect(await roleOf('late')).toBe('pending');
  expect(await listed()).toEqual([]);
  const last = await invitations.invite(actor, { email: 'last@example.com', role: 'user' });
  await other.get(OldRecords).sweep(last.expiresAt + 31 * DAY_MS);
  expect(await listed()).toEqual([]);
});

it('an invitation does not open the limits of who may sign in', async () => {
  await using limited = await AuthServer.start({ env: { GOOGLE_HOSTED_DOMAIN: 'example.org' } });
  const root = await limited.signIn({ ...person('root'), hd: 'example.org' });
  await limited.get(UsersService).change(null, idOf(root), { role: 'admin' });
  const body = JSON.stringify({ email: 'guest@example.com', role: 'user' });
  expect((await limited.fetch(PATH, root.grant.accessToken, { method: 'POST', body })).status).toBe(201);
  const browser = limited.browser();
  const answer = await browser.get(await limited.callbackPath(browser, person('guest')));
  expect(answer.headers.get('location')).toContain('wrong_domain');
});
