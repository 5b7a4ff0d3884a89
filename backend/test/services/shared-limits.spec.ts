import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { CHANGES } from '../../src/limits/policy.js';
import { RateLimits } from '../../src/limits/rate-limits.js';
import { EXCHANGE } from '../../src/auth/limits/sign-in-limits.js';
import { ModelServer } from '../../testing/model/model-server.js';
import { newMessage } from '../support/conversation.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { TestServer } from '../support/test-server.js';

const ENV = { MAX_SENDS_PER_MINUTE: '7', MAX_RUNS_PER_USER: '100', MAX_HANDSHAKES_PER_ADDRESS: '5' };

describe('two processes on one database together allow exactly', () => {
  let database: TestDatabase;
  let model: ModelServer;
  let servers: readonly [TestServer, TestServer];
  beforeAll(async () => {
    database = await createTestDatabase();
    model = await ModelServer.start();
    servers = [await TestServer.start(ENV, { database, model }), await TestServer.start(ENV, { database, model })];
  });
  afterAll(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]();
    await model[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  /** Does something at once on both, alternately. */
  const onBoth = <T>(times: number, act: (server: TestServer) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: times }, (_, n) => act(n % 2 === 0 ? servers[0] : servers[1])));

  it('seven messages of a user, and a repeated one does not count', async () => {
    const ada = await servers[0].signIn('Ada');
    const tabs = new Map(
      await Promise.all(servers.map(async (server) => [server, await server.connect(server.renew(ada))] as const)),
    );
    const send = (server: TestServer, message = newMessage()) => tabs.get(server)?.raw('message:send', message);
    const first = newMessage();
    expect(await send(servers[0], first)).toMatchObject({ ok: true });
    const repeated = await onBoth(6, async (server) => send(server, first));
    expect(repeated.every((reply) => reply?.ok)).toBe(true);
    const replies = await onBoth(20, async (server) => send(server));
    const refused = replies.flatMap((reply) => (reply?.ok ? [] : [reply?.error]));
    expect(replies.length - refused.length).toBe(6);
    for (const error of refused) {
      expect(error).toMatchObject({ code: 'rate_limited', retryable: true, retryAfterMs: expect.any(Number) });
      expect(error?.retryAfterMs).toBeLessThanOrEqual(60_000);
    }
    // What was refused has left nothing.
    const list = (await (await servers[1].fetch('/api/conversations', servers[1].renew(ada))).json()) as { items: [] };
    expect(list.items).toHaveLength(7);
  });

  it('thirty changes of a profile', async () => {
    const ben = await servers[0].signIn('Ben');
    const responses = await onBoth(50, (server) =>
      server.fetch('/api/profile/me', server.renew(ben), { method: 'PATCH', body: JSON.stringify({ name: 'B' }) }),
    );
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(30);
    expect(responses.filter(({ status }) => status === 429)).toHaveLength(20);
  });

  it('600 attempts to sign in from an address', async () => {
    const subject = '203.0.113.50';
    await Promise.all(Array.from({ length: 590 }, () => servers[0].get(RateLimits).take(EXCHANGE, subject)));
    const responses = await onBoth(20, (server) =>
      server.fetch('/api/auth/exchange', undefined, {
        method: 'POST',
        body: '{}',
        headers: { 'x-forwarded-for': subject },
      }),
    );
    expect(responses.filter(({ status }) => status === 400)).toHaveLength(10);
    expect(responses.filter(({ status }) => status === 429)).toHaveLength(10);
  });

  it('five handshakes of an address', async () => {
    const opened = await onBoth(12, async (server) => {
      const url = `${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
      const socket = new WebSocket(url, { headers: { 'x-forwarded-for': '203.0.113.51' } });
      const { promise, resolve } = Promise.withResolvers<boolean>();
      socket.once('open', () => resolve(true)).once('error', () => resolve(false));
      const isOpen = await promise;
      socket.terminate();
      return isOpen;
    });
    expect(opened.filter(Boolean)).toHaveLength(5);
  });

  it('as many acts as a policy says, however many are counted at once', async () => {
    const acts = await onBoth(2_000, (server) => server.get(RateLimits).take(CHANGES, 'one'));
    expect(acts.filter(({ isRefused }) => !isRefused)).toHaveLength(600);
    const allowed = acts.filter(({ isRefused }) => !isRefused).map(({ remaining }) => remaining);
    expect(new Set(allowed).size).toBe(600);
  });
});
