import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AccessTokens } from '../../src/auth/sessions/access-tokens.js';
import { Sessions } from '../../src/auth/sessions/sessions.js';
import type { Role } from '../../src/protocol/index.js';
import { UsersService } from '../../src/users/users.service.js';
import { TestServer } from '../support/test-server.js';
import { Clock } from '../../src/database/clock.js';
import { passTime } from '../support/pass-time.js';

const UNKNOWN_USER = '00000000-0000-7000-8000-000000000000';

describe('admin:set-role', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const setRole = async (role: Role, payload: unknown) => {
    const person = await server.signIn(`as-${role}`, role);
    const tab = await server.connect(person);
    return { person, tab, reply: await tab.raw('admin:set-role', payload) };
  };

  it('changes a role for an admin, and returns the user', async () => {
    const bob = await server.signIn('bob');
    const { reply } = await setRole('admin', { userId: bob.userId, role: 'pending' });
    expect(reply).toMatchObject({ ok: true, data: { id: bob.userId, role: 'pending', disabled: false } });
  });

  it.each(['pending', 'user'] as const)('is forbidden with the role %s', async (role) => {
    const { reply } = await setRole(role, { userId: UNKNOWN_USER, role: 'admin' });
    expect(reply).toMatchObject({ ok: false, error: { code: 'forbidden', retryable: false } });
  });

  it.each([
    ['not_found', { userId: UNKNOWN_USER, role: 'user' }],
    ['bad_request', { userId: UNKNOWN_USER, role: 'owner' }],
    ['bad_request', { userId: UNKNOWN_USER, role: 'user', disabled: true }],
    ['bad_request', undefined],
  ])('answers %s to %p', async (code, payload) => {
    const { reply } = await setRole('admin', payload);
    expect(reply).toMatchObject({ ok: false, error: { code } });
  });

  it('[A1] checks the current row of the user, not that at the handshake', async () => {
    const { person, tab } = await setRole('admin', { userId: UNKNOWN_USER, role: 'user' });
    await server.get(UsersService).change(null, person.userId, { role: 'user' });
    const reply = await tab.raw('admin:set-role', { userId: person.userId, role: 'admin' });
    expect(reply).toMatchObject({ ok: false, error: { code: 'forbidden' } });
  });

  it('is refused after the access token of the socket has expired', async () => {
    const { userId, sessionId } = await server.signIn('late', 'admin');
    const issuedAt = Date.now() - 596_000;
    passTime(server.get(Clock), -596_000);
    const token = server.get(AccessTokens).issue({ id: userId }, sessionId);
    jest.restoreAllMocks();
    const tab = await server.connect({ token });
    expect(await tab.raw('admin:set-role', { userId: UNKNOWN_USER, role: 'user' })).toMatchObject({
      error: { code: 'not_found' },
    });
    await delay(issuedAt + 600_000 - Date.now());
    expect(await tab.raw('admin:set-role', { userId: UNKNOWN_USER, role: 'user' })).toMatchObject({
      ok: false,
      error: { code: 'unauthenticated' },
    });
  });

  it('is refused after the session has ended, or the socket is closed first', async () => {
    const { person, tab } = await setRole('admin', { userId: UNKNOWN_USER, role: 'user' });
    await server.get(Sessions).end(person.userId, person.sessionId);
    const outcome = await Promise.race([
      tab.raw('admin:set-role', { userId: UNKNOWN_USER, role: 'user' }),
      new Promise((resolve) => tab.socket.once('disconnect', () => resolve('closed'))),
    ]);
    expect([{ ok: false, error: expect.objectContaining({ code: 'unauthenticated' }) }, 'closed']).toContainEqual(
      outcome,
    );
  });
});
