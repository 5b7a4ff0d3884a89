import { createHash, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ExpiredRowsSweep } from '../../src/auth/expired-rows.sweep.js';
import { PersonalToken } from '../../src/auth/tokens/personal-token.entity.js';
import { Database } from '../../src/database/database.js';
import type { Problem, TokenList } from '../../src/protocol/http/index.js';
import { type AuditEntry, MAX_TOKENS, type Page, userStream } from '../../src/protocol/index.js';
import { UsersService } from '../../src/users/users.service.js';
import { says } from '../../testing/model/script.js';
import { passTime } from '../support/pass-time.js';
import { until } from '../support/test-client.js';
import { type TestPerson, TestServer } from '../support/test-server.js';
import { createToken, postToken } from './programs.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** The routes that a token may call, by the scope that is enough. */
const READING = ['/api/models', '/api/usage', '/api/conversations'];

describe('a personal access token', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const rowsOf = ({ userId }: TestPerson): Promise<PersonalToken[]> =>
    server.get(Database).read((em) => em.find(PersonalToken, { userId }));
  const listOf = async (person: TestPerson): Promise<TokenList> =>
    (await (await server.fetch('/api/tokens', person)).json()) as TokenList;
  const statusOf = async (path: string, token: string, init?: RequestInit): Promise<number> =>
    (await server.fetch(path, { token }, init)).status;
  const end = (person: Pick<TestPerson, 'token'>, id: string): Promise<number> =>
    statusOf(`/api/tokens/${id}`, person.token, { method: 'DELETE' });
  const change = (person: TestPerson, changes: { role?: 'pending' | 'user'; disabled?: boolean }) =>
    server.get(UsersService).change(null, person.userId, changes);
  const auditOf = async (admin: TestPerson): Promise<readonly AuditEntry[]> =>
    ((await (await server.fetch('/api/admin/audit', admin)).json()) as Page<AuditEntry>).items;

  it('is shown once, and stored as a hash', async () => {
    const ada = await server.signIn('Ada');
    const { token, ...view } = await createToken(server, ada, { name: 'Nightly', scopes: ['chat'] });
    expect(view).toEqual({
      id: expect.any(String),
      name: 'Nightly',
      scopes: ['chat'],
      createdAt: expect.any(Number),
      expiresAt: null,
      lastUsedAt: null,
    });
    expect(await listOf(ada)).toEqual({ items: [view], nextCursor: null });
    const [row] = await rowsOf(ada);
    expect(row?.tokenHash).toBe(createHash('sha256').update(token).digest('base64url'));
    expect(JSON.stringify(row)).not.toContain(token);
  });

  it('reaches the other tabs of its user, and only those, when it is created and ended', async () => {
    const ada = await server.signIn('Ada');
    const bob = await server.signIn('Bob');
    const tabs = await Promise.all([server.connect(ada), server.connect(ada)]);
    const foreign = await server.connect(bob);
    for (const tab of tabs) await tab.subscribe(userStream(ada.userId));
    await foreign.subscribe(userStream(bob.userId));
    const { token, ...view } = await createToken(server, ada);
    for (const tab of tabs) expect(await tab.event(userStream(ada.userId), 'token.added')).toEqual(view);
    expect(await end(bob, view.id)).toBe(404);
    expect(await end(ada, view.id)).toBe(204);
    for (const tab of tabs)
      expect(await tab.event(userStream(ada.userId), 'token.ended')).toEqual({ tokenId: view.id });
    expect(await statusOf('/api/models', token)).toBe(401);
    expect(await end(ada, view.id)).toBe(404);
    expect(JSON.stringify(tabs[0]?.eventsOf(userStream(ada.userId)))).not.toContain(token);
    expect(foreign.eventsOf(userStream(bob.userId))).toEqual([]);
  });

  it('reads with the scope read and asks with the scope chat', async () => {
    const ada = await server.signIn('Ada');
    const reader = await createToken(server, ada, { scopes: ['read'] });
    const asker = await createToken(server, ada, { scopes: ['chat'] });
    for (const path of READING) expect([path, await statusOf(path, reader.token)]).toEqual([path, 200]);
    const ask = { method: 'POST', body: JSON.stringify({ message: 'Hi' }) };
    expect(await statusOf('/api/chat', reader.token, ask)).toBe(403);
    server.model.next(says(['Hello']));
    const response = await server.fetch('/api/chat', asker, ask);
    const { conversationId } = (await response.json()) as { conversationId: string };
    const own = [`/api/conversations/${conversationId}`, `/api/conversations/${conversationId}/messages`];
    for (const path of [...own, `/api/conversations/${conversationId}/export`]) {
      expect([path, await statusOf(path, reader.token)]).toEqual([path, 200]);
      expect([path, await statusOf(path, asker.token)]).toEqual([path, 403]);
    }
    expect(await statusOf('/api/models', asker.token)).toBe(200);
    const { detail } = (await (await server.fetch('/api/usage', asker)).json()) as Problem;
    expect(detail).toBe('The access token needs the scope read.');
  });

  it('is never good for the account, for other changes, for admin routes or for sockets', async () => {
    const boss = await server.signIn('Boss', 'admin');
    const { id, token } = await createToken(server, boss);
    const refused: readonly [string, RequestInit?][] = [
      ['/api/profile/me'],
      ['/api/profile/me', { method: 'PATCH', body: '{"name":"Eve"}' }],
      ['/api/auth/sessions'],
      ['/api/auth/logout', { method: 'POST' }],
      [`/api/auth/sessions/${boss.sessionId}`, { method: 'DELETE' }],
      ['/api/tokens'],
      ['/api/tokens', { method: 'POST', body: '{"name":"Another","scopes":["chat"],"expiresAt":null}' }],
      [`/api/tokens/${id}`, { method: 'DELETE' }],
      [`/api/conversations/${randomUUID()}`, { method: 'DELETE' }],
      ['/api/admin/users'],
      [`/api/admin/users/${boss.userId}`, { method: 'PATCH', body: '{"role":"admin"}' }],
      ['/api/admin/audit'],
      ['/api/admin/dashboard'],
    ];
    for (const [path, init] of refused) {
      expect([path, init?.method, await statusOf(path, token, init)]).toEqual([path, init?.method, 403]);
    }
    await expect(server.connect({ token })).rejects.toMatchObject({ data: { code: 'unauthenticated' } });
    expect(await listOf(boss)).toMatchObject({ items: [{ id }] });
    const refusals = (await auditOf(boss)).filter(({ action }) => action === 'admin.refused');
    expect(refusals).toHaveLength(4);
    expect(refusals[0]).toMatchObject({
      actorId: boss.userId,
      detail: { reason: 'token', act: 'GET /api/admin/dashboard' },
    });
  });

  it.each([
    ['made up', () => 'lsk_0'],
    ['with a wrong checksum', (token: string) => `${token.slice(0, -1)}${token.endsWith('a') ? 'b' : 'a'}`],
    ['unknown', () => 'lsk_0000000000000000000000000000000000000000000000000'],
  ])('that is %s gets 401', async (_what, changed) => {
    const { token } = await createToken(server, await server.signIn('Ada'));
    const response = await server.fetch('/api/models', { token: changed(token) });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  });

  it('expires, is listed for a while, and is then removed', async () => {
    const ada = await server.signIn('Ada');
    const { token, id } = await createToken(server, ada, { expiresAt: Date.now() + DAY_MS });
    expect(await statusOf('/api/models', token)).toBe(200);
    const { clock } = server.get(Database);
    passTime(clock, DAY_MS);
    expect(await statusOf('/api/models', token)).toBe(401);
    await server.get(ExpiredRowsSweep).run(clock.now());
    expect((await rowsOf(ada)).map((row) => row.id)).toEqual([id]);
    await server.get(ExpiredRowsSweep).run(clock.now() + 31 * DAY_MS);
    expect(await rowsOf(ada)).toEqual([]);
  });

  it('[A2] rests while its user is pending, and ends when the account is disabled', async () => {
    const ada = await server.signIn('Ada');
    const boss = await server.signIn('Boss', 'admin');
    const tab = await server.connect(ada);
    await tab.subscribe(userStream(ada.userId));
    const { token, id } = await createToken(server, ada, { name: 'Bot' });
    await change(ada, { role: 'pending' });
    expect(await statusOf('/api/models', token)).toBe(403);
    expect((await postToken(server, ada, { name: 'x', scopes: ['chat'], expiresAt: null })).status).toBe(403);
    await change(ada, { role: 'user' });
    expect(await statusOf('/api/models', token)).toBe(200);
    await change(ada, { disabled: true });
    expect(await statusOf('/api/models', token)).toBe(401);
    await change(ada, { disabled: false });
    expect(await statusOf('/api/models', token)).toBe(401);
    const ended = (await auditOf(boss)).find(({ action }) => action === 'token.ended');
    expect(ended).toMatchObject({ targetId: ada.userId, detail: { name: 'Bot', reason: 'disabled' } });
    expect(await rowsOf(ada)).toEqual([]);
    expect(id).toBeDefined();
  });

  it('[A5] leaves an audit entry when it is created and when it is ended', async () => {
    const boss = await server.signIn('Boss', 'admin');
    const expiresAt = Date.now() + DAY_MS;
    const { id } = await createToken(server, boss, { name: 'Bot', scopes: ['read'], expiresAt });
    await end(boss, id);
    const [ended, created] = await auditOf(boss);
    expect(created).toMatchObject({
      action: 'token.created',
      actorId: boss.userId,
      detail: { name: 'Bot', scopes: ['read'], expiresAt },
    });
    expect(ended).toMatchObject({ action: 'token.ended', actorId: boss.userId, detail: { name: 'Bot' } });
  });

  it('notes its last use, at most once a minute, and tells open tabs', async () => {
    const ada = await server.signIn('Ada');
    const { id, token } = await createToken(server, ada);
    const tab = await server.connect(ada);
    const stream = userStream(ada.userId);
    await tab.subscribe(stream);
    const used = async () => (await rowsOf(ada))[0]?.lastUsedAt ?? undefined;
    await Promise.all(Array.from({ length: 5 }, () => statusOf('/api/models', token)));
    const first = await until(used, 'the first use is noted');
    await statusOf('/api/models', token);
    const { clock } = server.get(Database);
    passTime(clock, 59_000);
    await statusOf('/api/models', token);
    expect(await used()).toBe(first);
    expect(await tab.event(stream, 'token.used')).toEqual({ tokenId: id, lastUsedAt: first });
    expect(tab.eventsOf(stream)).toHaveLength(1);
    jest.restoreAllMocks();
    passTime(clock, 61_000);
    await statusOf('/api/models', token);
    await until(async () => (await used()) !== first, 'the next use is noted');
    expect((await listOf(ada)).items[0]?.lastUsedAt).toBeGreaterThanOrEqual(first + 61_000);
  });

  it('is one of at most twenty: an ended or expired one makes room', async () => {
    const ada = await server.signIn('Ada');
    const more = { name: 'One more', scopes: ['chat'], expiresAt: null };
    const [first] = await Promise.all(
      Array.from({ length: MAX_TOKENS }, (_, at) =>
        createToken(server, ada, at === 1 ? { expiresAt: Date.now() + MINUTE_MS } : {}),
      ),
    );
    const refused = await postToken(server, ada, more);
    expect(refused.status).toBe(400);
    await expect(refused.json()).resolves.toMatchObject({
      detail: 'You have 20 access tokens: end one of them first.',
    });
    expect(await end(ada, first?.id ?? '')).toBe(204);
    const both = await Promise.all([postToken(server, ada, more), postToken(server, ada, more)]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 400]);
    passTime(server.get(Database).clock, MINUTE_MS);
    expect((await postToken(server, ada, more)).status).toBe(201);
  });

  it.each([
    ['no scope', { scopes: [] }],
    ['an unknown scope', { scopes: ['admin'] }],
    ['the same scope twice', { scopes: ['chat', 'chat'] }],
    ['an empty name', { name: ' ' }],
    ['an expiry in the past', { expiresAt: 1_000 }],
    ['an expiry that no calendar has', { expiresAt: Number.MAX_SAFE_INTEGER }],
    ['an unknown key', { admin: true }],
  ])('is not created with %s', async (_what, wrong) => {
    const ada = await server.signIn('Ada');
    const body = { name: 'Bot', scopes: ['chat'], expiresAt: null, ...wrong };
    expect((await postToken(server, ada, body)).status).toBe(400);
    expect(await rowsOf(ada)).toEqual([]);
  });
});
