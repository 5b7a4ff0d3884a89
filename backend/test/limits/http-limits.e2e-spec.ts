import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { ExpiredRowsSweep } from '../../src/auth/expired-rows.sweep.js';
import { Clock } from '../../src/database/clock.js';
import { Database } from '../../src/database/database.js';
import { ADD_POINTS } from '../../src/limits/rate-limit.statements.js';
import { RateLimit } from '../../src/limits/rate-limit.entity.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { passTime } from '../support/pass-time.js';
import { createTestDatabase } from '../support/test-database.js';
import { type TestPerson, TestServer } from '../support/test-server.js';
import { parseMembers } from './structured-field.js';

const ADDRESS = { headers: { 'x-forwarded-for': '203.0.113.9' } };

const rowsOf = (server: TestServer): Promise<RateLimit[]> =>
  server.get(Database).read((em) => em.find(RateLimit, {}, { orderBy: { key: 'asc' } }));

const me = (server: TestServer, person: TestPerson): Promise<Response> => server.fetch('/api/profile/me', person);

/** Counts the statements of the limits from now on. */
function countWrites(): () => number {
  const once = jest.spyOn(Database.prototype, 'once');
  return () => once.mock.calls.filter(([statement]) => statement === ADD_POINTS).length;
}

describe('the general limits of HTTP', () => {
  afterEach(() => void jest.restoreAllMocks());

  it('tell a user in every answer what is left, and when to come again', async () => {
    await using server = await TestServer.start({ MAX_REQUESTS_PER_USER: '3' });
    const [ada, ben] = [await server.signIn('Ada'), await server.signIn('Ben', 'pending')];
    const seen: number[] = [];
    for (const expected of [200, 200, 200, 429]) {
      const response = await me(server, ada);
      expect(response.status).toBe(expected);
      expect(parseMembers(response.headers.get('ratelimit-policy'))).toEqual([
        { name: 'user', parameters: { q: 3, w: 60 } },
      ]);
      const [left] = parseMembers(response.headers.get('ratelimit'));
      expect(left).toMatchObject({ name: 'user', parameters: { r: expect.any(Number), t: expect.any(Number) } });
      seen.push(left?.parameters['r'] ?? -1);
      expect(left?.parameters['t']).toBeGreaterThan(0);
      expect(left?.parameters['t']).toBeLessThanOrEqual(60);
      const wait = response.headers.get('retry-after');
      expect(wait).toBe(expected === 429 ? String(left?.parameters['t']) : null);
    }
    expect(seen).toEqual([2, 1, 0, 0]);
    // Also when the role does not allow the request.
    const forbidden = await server.fetch('/api/conversations', ben);
    expect(forbidden.status).toBe(403);
    expect(parseMembers(forbidden.headers.get('ratelimit'))[0]?.parameters['r']).toBe(2);
  });

  it('end with their window', async () => {
    await using server = await TestServer.start({ MAX_REQUESTS_PER_USER: '1' });
    const ada = await server.signIn('Ada');
    expect((await me(server, ada)).status).toBe(200);
    const refused = await me(server, ada);
    expect(refused.status).toBe(429);
    const waitMs = Number(refused.headers.get('retry-after')) * 1_000;
    const timeOfDay = Date.now.bind(Date);
    jest.spyOn(Date, 'now').mockImplementation(() => timeOfDay() + waitMs);
    passTime(server.get(Clock), waitMs);
    expect((await me(server, ada)).status).toBe(200);
  });

  it('count guesses of tokens for their address, and not for the users there', async () => {
    await using server = await TestServer.start({ MAX_REQUESTS_PER_ADDRESS: '3' });
    const ada = await server.signIn('Ada');
    const guess = (init = ADDRESS): Promise<Response> => server.fetch('/api/profile/me', { token: 'lsk_guess' }, init);
    for (const left of [2, 1, 0]) {
      const response = await guess();
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain('Bearer');
      expect(parseMembers(response.headers.get('ratelimit'))).toMatchObject([
        { name: 'address', parameters: { r: left } },
      ]);
    }
    expect((await guess()).status).toBe(429);
    expect((await server.fetch('/api/meta', undefined, ADDRESS)).status).toBe(429);
    expect((await server.fetch('/api/profile/me', ada, ADDRESS)).status).toBe(200);
    expect((await guess({ headers: { 'x-forwarded-for': '203.0.113.10' } })).status).toBe(401);
    const local = await guess({ headers: { 'x-forwarded-for': '127.0.0.1' } });
    expect([local.status, local.headers.get('ratelimit')]).toEqual([401, null]);
    // In OpenAI's shape where programs call.
    const call = await server.fetch('/v1/models', { token: 'lsk_guess' }, ADDRESS);
    expect(call.status).toBe(429);
    expect(await call.json()).toMatchObject({ error: { type: 'rate_limit_error', code: 'rate_limit_exceeded' } });
    for (const path of ['/health/live', '/health/ready']) {
      expect((await server.fetch(path, undefined, ADDRESS)).headers.get('ratelimit')).toBeNull();
    }
  });

  it('are replaced by the limit of a route, which has a name of its own', async () => {
    await using server = await TestServer.start({ MAX_REQUESTS_PER_USER: '1' });
    const ada = await server.signIn('Ada');
    const change = { method: 'PATCH', body: JSON.stringify({ name: 'Ada L.' }) };
    for (const left of [29, 28]) {
      const response = await server.fetch('/api/profile/me', ada, change);
      expect(response.status).toBe(200);
      expect(parseMembers(response.headers.get('ratelimit-policy'))).toEqual([
        { name: 'profile-changes', parameters: { q: 30, w: 60 } },
      ]);
      expect(parseMembers(response.headers.get('ratelimit'))[0]?.parameters['r']).toBe(left);
    }
    expect((await me(server, ada)).status).toBe(200);
  });

  it('write one row for requests at once, and nothing for those of a flood', async () => {
    await using server = await TestServer.start({ MAX_REQUESTS_PER_USER: '50' });
    const ada = await server.signIn('Ada');
    const writes = countWrites();
    const statuses = (await Promise.all(Array.from({ length: 200 }, () => me(server, ada)))).map(
      ({ status }) => status,
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(50);
    expect(statuses.filter((status) => status === 429)).toHaveLength(150);
    expect(await rowsOf(server)).toEqual([expect.objectContaining({ key: `user:${ada.userId}` })]);
    const after = writes();
    for (let n = 0; n < 50; n += 1) expect((await me(server, ada)).status).toBe(429);
    expect(writes()).toBe(after);
  });

  it('survive a restart, and their rows are removed when they have expired', async () => {
    await using database = await createTestDatabase();
    await using model = await ModelServer.start();
    const env = { MAX_REQUESTS_PER_USER: '3' };
    const first = await TestServer.start(env, { database, model });
    const ada = await first.signIn('Ada');
    for (let n = 0; n < 2; n += 1) expect((await me(first, ada)).status).toBe(200);
    await first[Symbol.asyncDispose]();
    await using second = await TestServer.start(env, { database, model });
    const again = second.renew(ada);
    expect((await me(second, again)).status).toBe(200);
    expect((await me(second, again)).status).toBe(429);
    const sweep = second.get(ExpiredRowsSweep);
    await sweep.run(second.get(Clock).now());
    expect(await rowsOf(second)).toHaveLength(1);
    await sweep.run(second.get(Clock).now() + 61_000);
    expect(await rowsOf(second)).toHaveLength(0);
  });

  it('are counted in memory while the database does not answer', async () => {
    await using server = await TestServer.start({ MAX_REQUESTS_PER_ADDRESS: '3' });
    const meta = (): Promise<Response> => server.fetch('/api/meta', undefined, ADDRESS);
    const once = jest.spyOn(Database.prototype, 'once');
    const away = Object.assign(new Error('Connection terminated'), { code: 'ECONNRESET' });
    once.mockRejectedValue(away);
    const statuses: number[] = [];
    for (let n = 0; n < 5; n += 1) statuses.push((await meta()).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    // It is not asked again for every request.
    expect(once.mock.calls.filter(([statement]) => statement === ADD_POINTS)).toHaveLength(1);
    once.mockRestore();
    passTime(server.get(Clock), 5_001);
    const [left] = parseMembers((await meta()).headers.get('ratelimit'));
    expect(left?.parameters['r']).toBe(2);
  });
});
