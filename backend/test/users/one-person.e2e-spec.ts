import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { says } from '../../testing/model/script.js';
import { Sessions } from '../../src/auth/sessions/sessions.js';
import type { AdminPerson, AuditEntry, Page, PersonCounts } from '../../src/protocol/index.js';
import { EventLog } from '../../src/streams/log/event-log.js';
import { UsersService } from '../../src/users/users.service.js';
import { begin, whenEnded } from '../support/conversation.js';
import { until } from '../support/test-client.js';
import { type TestPerson, TestServer } from '../support/test-server.js';
import { setBudget, tokens } from '../team/budgets.js';
import { scaled } from '../../testing/pace.js';

const UNKNOWN = '00000000-0000-7000-8000-000000000000';

let server: TestServer;
let ada: TestPerson;
beforeAll(async () => {
  server = await TestServer.start({ MODEL_PRICES: '{"test-model": {"input": 2, "output": 8}}' });
  ada = await server.signIn('Ada', 'admin');
});
afterAll(() => server[Symbol.asyncDispose]());

/** Another session of the same person. */
async function signInAgain({ userId }: TestPerson): Promise<TestPerson> {
  const at = { issuer: null, providerSession: null, idToken: null, providerTokens: null };
  const { session } = await server
    .get(EventLog)
    .write((transaction) => Promise.resolve(server.get(Sessions).open(transaction, userId, 'test', at)));
  return server.renew({ userId, sessionId: session.id, token: '' });
}
const read = async (id: string): Promise<AdminPerson> =>
  (await (await server.fetch(`/api/admin/users/${id}`, ada)).json()) as AdminPerson;
const end = (path: string, who = ada): Promise<Response> =>
  server.fetch(`/api/admin/users/${path}`, who, { method: 'DELETE' });
const about = async (id: string): Promise<readonly AuditEntry[]> =>
  ((await (await server.fetch(`/api/admin/audit?person=${id}`, ada)).json()) as Page<AuditEntry>).items;

describe('the page of one person', () => {
  it('has the user, and what the user sees of sessions, ways to sign in and access tokens', async () => {
    const grace = await server.signIn('Grace');
    await server.fetch('/api/tokens', grace, {
      method: 'POST',
      body: JSON.stringify({ name: 'Nightly', scopes: ['read'], expiresAt: null }),
    });
    const person = await read(grace.userId);
    expect(person.user).toMatchObject({ id: grace.userId, name: 'Grace', role: 'user', disabled: false });
    expect(person.user).not.toHaveProperty('personal');
    expect(person.user).not.toHaveProperty('roleIssuer');
    expect(person.roleProvider).toBeNull();
    expect(person.sessions).toMatchObject([{ current: false }]);
    expect(person.tokens).toMatchObject([{ name: 'Nightly', scopes: ['read'] }]);
    expect(JSON.stringify(person)).not.toMatch(/hash|lsk_/i);
    // The admin's own session is marked.
    expect((await read(ada.userId)).sessions).toMatchObject([{ current: true }]);
  });

  it('counts conversations, messages and the use of this month', async () => {
    const mary = await server.signIn('Mary');
    const counts = async (): Promise<PersonCounts> =>
      (await (await server.fetch(`/api/admin/users/${mary.userId}/counts`, ada)).json()) as PersonCounts;
    expect(await counts()).toEqual({
      conversations: 0,
      messages: 0,
      month: { inputTokens: 0, outputTokens: 0 },
      currency: 'USD',
      budget: null,
    });
    await setBudget(server, ada, mary, tokens(5_000));
    const tab = await server.connect(mary);
    for (let n = 0; n < 2; n++) {
      server.model.next(says(['Yes'], { usage: { prompt_tokens: 1_000, completion_tokens: 500 } }));
      const { stream, conversationId } = await begin(tab);
      await whenEnded(tab, stream);
      if (n === 1) await tab.command('conversation:delete', { conversationId });
    }
    expect(await counts()).toMatchObject({
      conversations: 1,
      messages: 1,
      // Deleting a conversation does not give back what it has cost.
      month: { inputTokens: 2_000, outputTokens: 1_000, costMicros: 12_000 },
      budget: { unit: 'tokens', day: { limit: 5_000, used: 3_000 } },
    });
  });

  it('[A2] [A5] ends one session at once: its sockets close, others stay, and admins are told', async () => {
    const carl = await server.signIn('Carl');
    const elsewhere = await signInAgain(carl);
    const [tab, other] = [await server.connect(carl), await server.connect(elsewhere)];
    const admin = await server.connect(ada);
    await admin.subscribe('admin');
    const startedAt = performance.now();
    expect((await end(`${carl.userId}/sessions/${carl.sessionId}`)).status).toBe(204);
    await until(() => !tab.socket.connected, 'its socket closes');
    expect(performance.now() - startedAt).toBeLessThan(scaled(1_000));
    expect(other.socket.connected).toBe(true);
    expect(await admin.event('admin', 'account.changed')).toEqual({ userId: carl.userId });
    expect((await read(carl.userId)).sessions.map(({ id }) => id)).toEqual([elsewhere.sessionId]);
    expect((await about(carl.userId))[0]).toMatchObject({
      action: 'session.ended',
      actorId: ada.userId,
      targetId: carl.userId,
      requestId: expect.any(String),
      detail: { device: expect.any(String) },
    });
    expect((await end(`${carl.userId}/sessions/${carl.sessionId}`)).status).toBe(404);
    // A session of another person is not found below this one (`A3`).
    expect((await end(`${carl.userId}/sessions/${ada.sessionId}`)).status).toBe(404);
  });

  it('[A2] [A5] ends all sessions, and records it only if there were any', async () => {
    const dora = await server.signIn('Dora');
    const tabs = [await server.connect(dora), await server.connect(await signInAgain(dora))];
    expect((await end(`${dora.userId}/sessions`)).status).toBe(204);
    for (const tab of tabs) await until(() => !tab.socket.connected, 'its socket closes');
    expect((await read(dora.userId)).sessions).toEqual([]);
    const [entry] = await about(dora.userId);
    expect(entry).toMatchObject({ action: 'session.all_ended', actorId: ada.userId, detail: { count: 2 } });
    expect((await end(`${dora.userId}/sessions`)).status).toBe(204);
    expect((await about(dora.userId))[0]).toEqual(entry);
  });

  it('[A5] ends an access token at once', async () => {
    const emil = await server.signIn('Emil');
    const created = await server.fetch('/api/tokens', emil, {
      method: 'POST',
      body: JSON.stringify({ name: 'Nightly', scopes: ['read'], expiresAt: null }),
    });
    const { id, token } = (await created.json()) as { id: string; token: string };
    const use = (): Promise<Response> =>
      fetch(`${server.url}/api/models`, { headers: { authorization: `Bearer ${token}` } });
    expect((await use()).status).toBe(200);
    const tab = await server.connect(emil);
    await tab.subscribe(`user:${emil.userId}`);
    expect((await end(`${emil.userId}/tokens/${id}`)).status).toBe(204);
    expect((await use()).status).toBe(401);
    expect(await tab.event(`user:${emil.userId}`, 'token.ended')).toEqual({ tokenId: id });
    expect((await about(emil.userId))[0]).toMatchObject({
      action: 'token.ended',
      actorId: ada.userId,
      targetId: emil.userId,
      detail: { name: 'Nightly', reason: 'ended' },
    });
    expect((await end(`${emil.userId}/tokens/${id}`)).status).toBe(404);
    expect((await end(`${ada.userId}/tokens/${id}`)).status).toBe(404);
  });

  it('[A3] is not found for an account that does not exist, or is being deleted', async () => {
    for (const path of [UNKNOWN, `${UNKNOWN}/counts`]) {
      expect((await server.fetch(`/api/admin/users/${path}`, ada)).status).toBe(404);
    }
    for (const path of [`${UNKNOWN}/sessions`, `${UNKNOWN}/sessions/${UNKNOWN}`, `${UNKNOWN}/tokens/${UNKNOWN}`]) {
      expect((await end(path)).status).toBe(404);
    }
    expect((await server.fetch('/api/admin/users/nobody', ada)).status).toBe(400);
  });

  it('[A1] is for admins only, and never for an access token', async () => {
    const eve = await server.signIn('Eve');
    const created = await server.fetch('/api/tokens', ada, {
      method: 'POST',
      body: JSON.stringify({ name: 'x', scopes: ['chat', 'read'], expiresAt: null }),
    });
    const { token } = (await created.json()) as { token: string };
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/counts'],
      ['DELETE', '/sessions'],
      ['DELETE', `/sessions/${UNKNOWN}`],
      ['DELETE', `/tokens/${UNKNOWN}`],
    ] as const) {
      const address = `/api/admin/users/${ada.userId}${path}`;
      expect((await server.fetch(address, eve, { method })).status).toBe(403);
      const withToken = { method, headers: { authorization: `Bearer ${token}` } };
      expect((await fetch(`${server.url}${address}`, withToken)).status).toBe(403);
    }
    const [refused] = await about(ada.userId);
    expect(refused).toMatchObject({ action: 'admin.refused', detail: { reason: 'token' } });
  });
});

describe('a user', () => {
  it('[A2] ends all other sessions at once, which closes their sockets, and is recorded', async () => {
    const finn = await server.signIn('Finn');
    const tab = await server.connect(finn);
    await tab.subscribe(`user:${finn.userId}`);
    const others = [await server.connect(await signInAgain(finn)), await server.connect(await signInAgain(finn))];
    const request = (): Promise<Response> => server.fetch('/api/auth/sessions', finn, { method: 'DELETE' });
    expect((await request()).status).toBe(204);
    for (const other of others) await until(() => !other.socket.connected, 'its socket closes');
    expect(tab.socket.connected).toBe(true);
    expect((await read(finn.userId)).sessions.map(({ id }) => id)).toEqual([finn.sessionId]);
    const [entry] = await about(finn.userId);
    expect(entry).toMatchObject({
      action: 'session.others_ended',
      actorId: finn.userId,
      targetId: finn.userId,
      detail: { count: 2 },
    });
    expect((await request()).status).toBe(204);
    expect((await about(finn.userId))[0]).toEqual(entry);
  });

  it('whose role was taken may still end other sessions', async () => {
    const gil = await server.signIn('Gil');
    await server.get(UsersService).change(null, gil.userId, { role: 'pending' });
    expect((await server.fetch('/api/auth/sessions', gil, { method: 'DELETE' })).status).toBe(204);
  });
});
