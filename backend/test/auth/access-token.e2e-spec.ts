import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AccessTokens } from '../../src/auth/sessions/access-tokens.js';
import { deriveKey } from '../../src/auth/derived-key.js';
import { Sessions } from '../../src/auth/sessions/sessions.js';
import { Database } from '../../src/database/database.js';
import { User } from '../../src/users/user.entity.js';
import { UsersService } from '../../src/users/users.service.js';
import { AuthServer, type SignedIn } from './auth-server.js';
import { Clock } from '../../src/database/clock.js';
import { passTime } from '../support/pass-time.js';

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
const decode = (part = ''): Record<string, unknown> =>
  JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;

describe('bearer tokens', () => {
  let server: AuthServer;
  let ann: SignedIn;
  beforeAll(async () => {
    server = await AuthServer.start();
    ann = await server.signIn('ann');
  });
  afterAll(() => server[Symbol.asyncDispose]());
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const parts = (): { header: Record<string, unknown>; payload: Record<string, unknown> } => {
    const [header, payload] = ann.grant.accessToken.split('.');
    return { header: decode(header), payload: decode(payload) };
  };
  /** A copy of a valid token with these changes, signed with the server's own key. */
  const altered = (
    header: object,
    payload: object,
    key = deriveKey(server.config.appSecret, 'access-token'),
  ): string => {
    const good = parts();
    const content = `${encode({ ...good.header, ...header })}.${encode({ ...good.payload, ...payload })}`;
    return `${content}.${createHmac('sha256', key).update(content).digest('base64url')}`;
  };
  const statusFor = async (token: string): Promise<number> => (await server.fetch('/api/profile/me', token)).status;

  it('are accepted when the server issued them', async () => {
    expect(await statusFor(ann.grant.accessToken)).toBe(200);
    expect(await statusFor(altered({}, {}))).toBe(200);
    expect(parts()).toEqual({
      header: { alg: 'HS256', typ: 'at+jwt' },
      payload: {
        sub: ann.grant.user.id,
        sid: expect.any(String),
        iss: server.url,
        aud: `${server.url}/api`,
        iat: expect.any(Number),
        exp: expect.any(Number),
      },
    });
  });

  it('are required: a request without one gets a 401 without an error code', async () => {
    const response = await server.fetch('/api/profile/me');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(response.headers.get('content-type')).toContain('application/problem+json');
  });

  it('are refused as invalid_token when they are malformed', async () => {
    const response = await server.fetch('/api/profile/me', 'nonsense');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  });

  it('are refused with alg none', async () => {
    const { header, payload } = parts();
    const content = `${encode({ ...header, alg: 'none' })}.${encode(payload)}`;
    expect(await statusFor(`${content}.`)).toBe(401);
    expect(await statusFor(content)).toBe(401);
    expect(await statusFor(altered({ alg: 'none' }, {}))).toBe(401);
  });

  it('are refused with another algorithm, even with a valid signature', async () => {
    const { header, payload } = parts();
    const content = `${encode({ ...header, alg: 'HS512' })}.${encode(payload)}`;
    const key = deriveKey(server.config.appSecret, 'access-token');
    expect(await statusFor(`${content}.${createHmac('sha512', key).update(content).digest('base64url')}`)).toBe(401);
    expect(await statusFor(altered({ alg: 'RS256' }, {}))).toBe(401);
  });

  it.each([
    ['another type', { typ: 'JWT' }, {}],
    ['no type', { typ: undefined }, {}],
    ['another audience', {}, { aud: 'https://elsewhere.example/api' }],
    ['no audience', {}, { aud: undefined }],
    ['another issuer', {}, { iss: 'https://elsewhere.example' }],
    ['no issuer', {}, { iss: undefined }],
    ['no end', {}, { exp: undefined }],
    ['an end in the past', {}, { exp: 1 }],
    ['no session', {}, { sid: undefined }],
    ['a session that does not exist', {}, { sid: '00000000-0000-7000-8000-000000000000' }],
    ['a session id that is none', {}, { sid: "' or 1=1 --" }],
  ])('are refused with %s', async (_what, header, payload) => {
    expect(await statusFor(altered(header, payload))).toBe(401);
  });

  it('are refused when signed with the key for another purpose', async () => {
    expect(await statusFor(altered({}, {}, deriveKey(server.config.appSecret, 'refresh-token')))).toBe(401);
    expect(await statusFor(altered({}, {}, Buffer.from(server.config.appSecret)))).toBe(401);
  });

  it('are refused with the session of another user: sid must belong to sub', async () => {
    const bob = await server.signIn('bob');
    expect(await statusFor(altered({}, { sub: bob.grant.user.id }))).toBe(401);
  });

  it('are refused after ten minutes', async () => {
    passTime(server.get(Clock), 601_000);
    expect(await statusFor(ann.grant.accessToken)).toBe(401);
  });

  it('are ignored in the URL and in cookies', async () => {
    const { accessToken } = ann.grant;
    expect((await server.fetch(`/api/profile/me?access_token=${accessToken}`)).status).toBe(401);
    const headers = { cookie: `access_token=${accessToken}` };
    expect((await server.fetch('/api/profile/me', undefined, { headers })).status).toBe(401);
  });

  it('are refused when they are refresh tokens', async () => {
    expect(await statusFor(ann.browser.cookies.get('lockstep-refresh') ?? '')).toBe(401);
  });

  it('are refused as soon as the session has ended', async () => {
    const { grant } = await server.signIn('carl');
    const { userId, sessionId } = server.get(AccessTokens).verify(grant.accessToken);
    await server.get(Sessions).end(userId, sessionId);
    expect(await statusFor(grant.accessToken)).toBe(401);
  });

  it('are refused as soon as the account is disabled', async () => {
    const { grant } = await server.signIn('dave');
    await server.get(UsersService).change(null, grant.user.id, { disabled: true });
    expect(await statusFor(grant.accessToken)).toBe(401);
  });

  it('are refused when the account was disabled in the database, although its session is open', async () => {
    const { grant } = await server.signIn('fred');
    await server.get(Database).write((em) => em.nativeUpdate(User, { id: grant.user.id }, { disabled: true }));
    expect(await statusFor(grant.accessToken)).toBe(401);
  });

  it('[A1] do not carry the role: the current row of the user decides', async () => {
    const { grant } = await server.signIn('erin');
    const list = async (token: string): Promise<number> => (await server.fetch('/api/admin/users', token)).status;
    const claims = { ...decode(grant.accessToken.split('.')[1]), role: 'admin' };
    expect(await list(altered({}, claims))).toBe(403);
    await server.get(UsersService).change(null, grant.user.id, { role: 'admin' });
    expect(await list(grant.accessToken)).toBe(200);
    await server
      .signIn('other')
      .then((other) => server.get(UsersService).change(null, other.grant.user.id, { role: 'admin' }));
    await server.get(UsersService).change(null, grant.user.id, { role: 'user' });
    expect(await list(grant.accessToken)).toBe(403);
  });
});
