import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import { RunsService } from '../../src/chat/runs/runs.service.js';
import { WRITE_REFUSALS } from '../../src/database/probes/write-refusal.js';
import { says } from '../../testing/model/script.js';
import { holdDatabase } from '../database/held-database.js';
import { begin } from '../support/conversation.js';
import { until } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';

const TOKEN = 'a-token-for-prometheus';

describe('a server', () => {
  let server: TestServer;
  beforeAll(async () => void (server = await TestServer.start({ METRICS_TOKEN: TOKEN })));
  afterAll(() => server[Symbol.asyncDispose]());

  it('reports liveness and readiness', async () => {
    const live = await server.fetch('/health/live');
    expect([live.status, await live.json()]).toEqual([200, { status: 'live' }]);
    const ready = await server.fetch('/health/ready');
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }]);
  });

  it('serves metrics only with the token', async () => {
    const good = await server.fetch('/metrics', { token: TOKEN });
    expect(good.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await good.text();
    for (const name of ['lockstep_sockets 0', 'lockstep_active_runs 0', 'process_cpu_seconds_total']) {
      expect(text).toContain(name);
    }
    for (const person of [undefined, { token: 'a-token-for-prometheuS' }, { token: 'x' }]) {
      expect((await server.fetch('/metrics', person)).status).toBe(404);
    }
  });

  const onSqlite = process.env['TEST_DATABASE_URL'] === undefined ? it : it.skip;
  onSqlite('answers while a transaction does not end (SQLite only: one transaction at a time)', async () => {
    const metrics = async (): Promise<string> => (await server.fetch('/metrics', { token: TOKEN })).text();
    expect(await metrics()).toContain('lockstep_database_writable 1');
    {
      await using _held = await holdDatabase(server.get(Database));
      await until(async () => (await metrics()).includes('lockstep_database_writable 0'), 'it is not writable', 20_000);
      const ready = await server.fetch('/health/ready');
      expect([ready.status, await ready.json()]).toEqual([
        503,
        { status: 'unavailable', reason: WRITE_REFUSALS.locked },
      ]);
    }
    await until(async () => (await server.fetch('/health/ready')).status === 200, 'the server is ready again');
    expect(await metrics()).toContain('lockstep_database_writable 1');
  });

  it('serves the counts of the dashboard only to admins', async () => {
    const admin = await server.signIn('Ada', 'admin');
    const tab = await server.connect(admin);
    server.model.next(says(['Hi']));
    const { stream } = await begin(tab);
    await tab.follow(stream);
    await tab.event(stream, 'run.finished');
    const dashboard = await server.fetch('/api/admin/dashboard', admin);
    await expect(dashboard.json()).resolves.toEqual({
      users: 1,
      connectedUsers: 1,
      sockets: 1,
      activeRuns: 0,
      tokensToday: 8,
      currency: 'USD',
    });
    expect((await server.fetch('/api/admin/dashboard', await server.signIn('Bob'))).status).toBe(403);
    const anonymous = await server.fetch('/api/admin/dashboard');
    expect([anonymous.status, anonymous.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    const forged = await server.fetch('/api/admin/dashboard', { token: 'x.y.z' });
    expect(forged.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    await expect(forged.json()).resolves.toMatchObject({
      status: 401,
      code: 'unauthenticated',
      requestId: forged.headers.get('x-request-id'),
    });
  });

  it('does not count a user as online whose last tab has just closed', async () => {
    const admin = await server.signIn('Ada', 'admin');
    const read = async (): Promise<Record<'connectedUsers' | 'sockets', number>> => {
      const { connectedUsers, sockets } = (await (await server.fetch('/api/admin/dashboard', admin)).json()) as Record<
        'connectedUsers' | 'sockets',
        number
      >;
      return { connectedUsers, sockets };
    };
    const before = await read();
    const tab = await server.connect(await server.signIn('Dan'));
    tab.close();
    await until(async () => (await read()).sockets === before.sockets, 'the socket is closed');
    expect(await read()).toEqual(before);
  });

  it('tells the page where people sign in and which services are local, and describes its API', async () => {
    await expect((await server.fetch('/api/meta')).json()).resolves.toEqual({
      publicUrl: server.config.publicUrl,
      provider: 'Google',
      local: { provider: true, model: false },
      standIn: { provider: true, model: false },
    });
    const api = (await (await server.fetch('/api/docs-json')).json()) as { paths: Record<string, unknown> };
    expect(Object.keys(api.paths)).toEqual(
      expect.arrayContaining(['/api/chat', '/api/auth/exchange', '/api/admin/users']),
    );
  });

  it('[L9] lets running replies finish during a shutdown, and refuses new messages', async () => {
    const tab = await server.connect(await server.signIn('Cleo'));
    server.model.next(says(['one ', 'two ', 'three'], { delayMs: 150 }));
    const { stream } = await begin(tab);
    await tab.subscribe(stream);
    const draining = new Promise<unknown>((resolve) => tab.socket.on('server:draining', resolve));
    const stopped = server.stop(5_000);
    await expect(draining).resolves.toEqual({ retryAfterMs: expect.any(Number) });
    expect(server.get(RunsService).draining).toBe(true);
    expect((await server.fetch('/health/ready')).status).toBe(503);
    const refused = await tab.refused('message:send', {
      clientMessageId: crypto.randomUUID(),
      conversationId: crypto.randomUUID(),
      text: 'Hi',
    });
    expect(refused).toMatchObject({ code: 'draining', retryable: true });
    const finished = await tab.event(stream, 'run.finished');
    expect(finished).toMatchObject({ status: 'completed', length: 'one two three'.length });
    await stopped;
    expect(tab.disconnectReason).toBeDefined();
  });
});
