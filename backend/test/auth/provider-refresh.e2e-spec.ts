import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Clock } from '../../src/database/clock.js';
import { Database } from '../../src/database/database.js';
import { Session } from '../../src/auth/sessions/session.entity.js';
import type { TokenGrant } from '../../src/protocol/index.js';
import { answers, hangs } from '../../testing/provider/faults.js';
import { passTime } from '../support/pass-time.js';
import { type AuthServer, person, pkce, type SignedIn } from './auth-server.js';
import { Realms } from './realms.js';

const SIX_MINUTES_MS = 6 * 60_000;

describe('the role by the claims of the provider, at a refresh', () => {
  let realms: Realms;
  let server: AuthServer;
  beforeAll(async () => {
    realms = await Realms.start();
    ({ server } = realms);
  });
  afterAll(() => realms[Symbol.asyncDispose]());
  beforeEach(async () => {
    realms.red.tokenMisbehaves = realms.red.userinfoMisbehaves = undefined;
    // There is another admin.
    await come('boss', ['bosses']);
    realms.red.requests.length = 0;
    server.events.length = 0;
  });
  afterEach(() => void jest.restoreAllMocks());

  const come = (name: string, groups: string[]): Promise<SignedIn> =>
    server.signIn({ ...person(name), groups }, server.browser(), realms.atRed());
  /** The groups that the provider has for a person from now on. */
  const move = (name: string, groups: string[] | undefined) =>
    realms.red.tokenFor({ ...person(name), ...(groups && { groups }) });
  const refresh = ({ browser }: SignedIn): Promise<Response> => browser.post('/api/auth/refresh', {});
  const refreshed = async (who: SignedIn): Promise<TokenGrant> => {
    const response = await refresh(who);
    expect(response.status).toBe(200);
    return (await response.json()) as TokenGrant;
  };
  const roleAfterRefresh = async (who: SignedIn): Promise<string> => (await refreshed(who)).user.role;
  const later = (ms = SIX_MINUTES_MS): void => passTime(server.get(Clock), ms);
  const grants = (): (string | null)[] =>
    realms.red.requests.filter(({ path }) => path === '/token').map(({ body }) => body.get('grant_type'));
  const sessionsOf = ({ grant }: SignedIn): Promise<Session[]> =>
    server.get(Database).read((em) => em.find(Session, { userId: grant.user.id }));

  it('changes live, for the person and for admins, with an entry in the audit', async () => {
    const walt = await come('walt', ['staff']);
    await move('walt', ['bosses']);
    server.events.length = 0;
    later();
    const asAdmin = await refreshed(walt);
    expect(asAdmin.user.role).toBe('admin');
    const updates = server.events.filter(({ type }) => type === 'user.updated');
    expect(updates.map(({ stream }) => stream).sort()).toEqual(['admin', `user:${walt.grant.user.id}`]);
    expect(updates[0]?.data).toMatchObject({ role: 'admin' });
    const audit = await server.fetch('/api/admin/audit', asAdmin.accessToken);
    const { items } = (await audit.json()) as { items: object[] };
    expect(items[0]).toMatchObject({
      action: 'user.role_changed',
      detail: { from: 'user', to: 'admin', reason: 'provider', issuer: realms.red.issuer },
    });
    // And back: no role is DEFAULT_ROLE.
    await move('walt', []);
    later();
    expect((await refreshed(walt)).user.role).toBe('pending');
    // By the row of the user, whatever the token was issued for.
    expect((await server.fetch('/api/admin/audit', asAdmin.accessToken)).status).toBe(403);
  });

  it('is asked for with the refresh token of the provider, and not again within five minutes', async () => {
    const rosa = await come('rosa', ['staff']);
    realms.red.requests.length = 0;
    expect(await roleAfterRefresh(rosa)).toBe('user');
    expect(grants()).toEqual([]);
    later();
    const both = await Promise.all([roleAfterRefresh(rosa), roleAfterRefresh(rosa)]);
    expect(both).toEqual(['user', 'user']);
    expect(grants()).toEqual(['refresh_token']);
    later();
    await roleAfterRefresh(rosa);
    expect(grants()).toEqual(['refresh_token', 'refresh_token']);
  });

  it('asks for offline_access where the provider supports it and sets roles', async () => {
    const scopeAt = async (provider: string): Promise<string[]> => {
      const path = `/api/auth/login?provider=${provider}&challenge=${pkce().challenge}`;
      const location = (await server.browser().get(path)).headers.get('location') ?? '';
      return (new URL(location).searchParams.get('scope') ?? '').split(' ');
    };
    expect(await scopeAt('red')).toContain('offline_access');
    expect(await scopeAt('blue')).not.toContain('offline_access');
  });

  it('keeps the tokens of the provider encrypted, only where they are needed, and until the session ends', async () => {
    const tilda = await come('tilda', ['staff']);
    const [session] = await sessionsOf(tilda);
    // A JWE with a direct key.
    expect(session?.providerTokens).toMatch(/^eyJ[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/);
    const bea = await server.signIn(person('bea'), server.browser(), realms.atBlue());
    expect((await sessionsOf(bea))[0]?.providerTokens).toBeNull();
    await server.fetch('/api/auth/logout', tilda.grant.accessToken, { method: 'POST' });
    expect((await sessionsOf(tilda))[0]).toMatchObject({ endedAt: expect.any(Number), providerTokens: null });
  });

  it.each([
    ['is down', answers(503, {})],
    ['refuses the client', answers(401, { error: 'invalid_client' })],
    ['says nothing useful', answers(200, 'hello', 'text/plain')],
    ['hangs', hangs()],
  ])('stays while the provider %s, and the refresh succeeds', async (_what, misbehaviour) => {
    const nora = await come('nora', ['staff']);
    await move('nora', ['bosses']);
    realms.red.tokenMisbehaves = misbehaviour;
    later();
    expect(await roleAfterRefresh(nora)).toBe('user');
    realms.red.tokenMisbehaves = undefined;
    later();
    expect(await roleAfterRefresh(nora)).toBe('admin');
  });

  it('stays without an ID token and without the claim: it may be in the ID token only', async () => {
    const olaf = await come('olaf', ['staff']);
    realms.red.tokenMisbehaves = answers(200, {
      access_token: await move('olaf', undefined),
      token_type: 'Bearer',
    });
    later();
    expect(await roleAfterRefresh(olaf)).toBe('user');
  });

  it('ends the session when the provider has ended the access', async () => {
    const pia = await come('pia', ['staff']);
    realms.red.tokenMisbehaves = answers(400, { error: 'invalid_grant' });
    later();
    const response = await refresh(pia);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'session_ended' });
    expect(server.events).toContainEqual({
      stream: `user:${pia.grant.user.id}`,
      type: 'session.ended',
      data: { sessionId: expect.any(String) },
    });
  });
});
