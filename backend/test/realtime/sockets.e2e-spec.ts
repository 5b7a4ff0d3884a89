import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AccessTokens } from '../../src/auth/sessions/access-tokens.js';
import { Session } from '../../src/auth/sessions/session.entity.js';
import { Database } from '../../src/database/database.js';
import { OLDEST_PROTOCOL, PROTOCOL_VERSION } from '../../src/protocol/index.js';
import { SupervisorService } from '../../src/realtime/supervisor.service.js';
import { User } from '../../src/users/user.entity.js';
import { VERSION } from '../../src/version.js';
import { says } from '../../testing/model/script.js';
import { begin } from '../support/conversation.js';
import { TestClient, until } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';

describe('a socket', () => {
  let server: TestServer;
  beforeAll(async () => void (server = await TestServer.start({ MAX_SOCKETS_PER_USER: '3' })));
  afterAll(() => server[Symbol.asyncDispose]());

  const refusal = async (options: ConstructorParameters<typeof TestClient>[2], token = 'x'): Promise<unknown> => {
    const client = new TestClient(server.url, token, options);
    const error: unknown = await client.connected().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    client.close();
    return error;
  };

  it('is refused with an invalid token, another protocol or a foreign origin, or beyond the limit', async () => {
    const { token } = await server.signIn('Ada');
    await expect(refusal({})).resolves.toMatchObject({ data: { code: 'unauthenticated' } });
    await expect(refusal({ auth: {} })).resolves.toMatchObject({ data: { code: 'unauthenticated' } });
    const upgrade = await refusal({ auth: { token, protocol: PROTOCOL_VERSION + 1 } });
    const range = { oldest: OLDEST_PROTOCOL, newest: PROTOCOL_VERSION };
    expect(upgrade).toMatchObject({
      message: 'This server is older than the page: connect again when it is upgraded.',
      data: { code: 'upgrade_required', protocol: range },
    });
    expect(await refusal({ auth: { token, protocol: OLDEST_PROTOCOL - 1 } })).toMatchObject({
      message: 'The page is too old for this server: reload it.',
      data: { code: 'upgrade_required', protocol: range },
    });
    const foreign = { extraHeaders: { origin: 'https://evil.example' }, auth: { token, protocol: 1 } };
    await expect(refusal(foreign)).resolves.toMatchObject({ message: expect.stringContaining('websocket') });
    const own = { extraHeaders: { origin: server.config.publicUrl }, auth: { token, protocol: 1 } };
    await expect(refusal(own)).resolves.toBeUndefined();
    await until(async () => (await refusal({ auth: { token, protocol: 1 } })) === undefined, 'the last one is gone');
    for (let n = 0; n < 3; n++) await server.connect({ token });
    await expect(refusal({ auth: { token, protocol: 1 } })).resolves.toMatchObject({ data: { code: 'overloaded' } });
  });

  it('learns the version of the program and of its page, each time that it connects', async () => {
    server.get(SupervisorService).servesPage('1.2.3-build');
    const { token } = await server.signIn('Hal');
    const client = new TestClient(server.url, token);
    const hello = (): Promise<unknown> => new Promise((resolve) => void client.socket.once('server:hello', resolve));
    await expect(hello()).resolves.toEqual({ version: VERSION, page: '1.2.3-build' });
    server.get(SupervisorService).servesPage(undefined);
    client.socket.disconnect().connect();
    await expect(hello()).resolves.toEqual({ version: VERSION });
    client.close();
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
    expect(VERSION).toBe(version);
  });

  it('[A2] is closed when its session ends or its account is disabled, here or by another process', async () => {
    const [here, elsewhere, disabled] = await Promise.all(['Bea', 'Cleo', 'Dora'].map((name) => server.signIn(name)));
    if (!here || !elsewhere || !disabled) throw new Error('three users');
    const admin = await server.signIn('Root', 'admin');
    const tabs = await Promise.all([here, elsewhere, disabled].map((person) => server.connect(person)));
    const gone = tabs.map((tab) => until(() => tab.disconnectReason, 'disconnected', 2_500));

    const ended = await server.fetch('/api/auth/logout', here, { method: 'POST' });
    expect(ended.status).toBe(204);
    await server.get(Database).write((em) => em.nativeUpdate(Session, { id: elsewhere.sessionId }, { endedAt: 1 }));
    const path = `/api/admin/users/${disabled.userId}`;
    expect((await server.fetch(path, admin, { method: 'PATCH', body: '{"disabled":true}' })).status).toBe(200);
    await Promise.all(gone);
    await expect(refusal({}, here.token)).resolves.toMatchObject({ data: { code: 'unauthenticated' } });
  });

  it('[A1] [A2] follows a change of role at once in every tab, up and down', async () => {
    const admin = await server.connect(await server.signIn('Boss', 'admin'));
    const person = await server.signIn('Eva');
    const tabs = [await server.connect(person), await server.connect(person)];
    const stream = `user:${person.userId}`;
    const victim = await server.signIn('Victim');
    for (const tab of tabs) await tab.subscribe(stream);
    const [one, two] = tabs;
    if (!one || !two) throw new Error('no tabs');
    await expect(one.refused('stream:subscribe', { stream: 'admin' })).resolves.toMatchObject({ code: 'not_found' });
    const set = (role: 'user' | 'admin') => admin.command('admin:set-role', { userId: person.userId, role });

    await set('admin');
    for (const tab of tabs) await tab.event(stream, 'user.updated', ({ role }) => role === 'admin');
    await one.subscribe('admin');
    await one.command('admin:set-role', { userId: victim.userId, role: 'pending' });
    await one.event('admin', 'audit.added');

    await set('user');
    for (const tab of tabs) await tab.event(stream, 'user.updated', ({ role }) => role === 'user');
    const refused = await one.refused('admin:set-role', { userId: victim.userId, role: 'admin' });
    expect(refused).toMatchObject({ code: 'forbidden', retryable: false });
    const known = one.eventsOf('admin').length;
    await admin.command('admin:set-role', { userId: victim.userId, role: 'user' });
    await two.command('stream:subscribe', { stream });
    expect(one.eventsOf('admin').length - known).toBeLessThanOrEqual(2);
    expect(
      one
        .eventsOf('admin')
        .slice(known)
        .map(({ data }) => JSON.stringify(data))
        .join(),
    ).not.toContain('victim');
  });

  it('gets events of another process within two seconds', async () => {
    const person = await server.signIn('Finn');
    const tab = await server.connect(person);
    await tab.subscribe(`user:${person.userId}`);
    await using second = await siblingLog(server);
    await second.changeName(person.userId, 'Finnegan');
    const updated = await tab.event(`user:${person.userId}`, 'user.updated');
    expect(updated.name).toBe('Finnegan');
  });

  it('accepts a new token of its own session only', async () => {
    const [person, other] = [await server.signIn('Gus'), await server.signIn('Hal')];
    const tab = await server.connect(person);
    const fresh = server.get(AccessTokens).issue({ id: person.userId }, person.sessionId);
    const { expiresAt } = await tab.command('auth:refresh', { token: fresh });
    expect(expiresAt).toBeGreaterThan(Date.now());
    await expect(tab.refused('auth:refresh', { token: other.token })).resolves.toMatchObject({ code: 'forbidden' });
    await expect(tab.refused('auth:refresh', { token: 'x' })).resolves.toMatchObject({ code: 'unauthenticated' });
  });

  it('gets the heads of its streams', async () => {
    const tab = await server.connect(await server.signIn('Ida'));
    server.model.next(says(['Hi']));
    const { stream } = await begin(tab);
    await tab.follow(stream);
    await tab.event(stream, 'run.finished');
    const head = () => tab.heads.at(-1)?.heads.find((one) => one.stream === stream)?.seq;
    await until(() => (head() ?? 0) > 0 && head() === tab.eventsOf(stream).at(-1)?.seq, 'heads', 11_000);
  });

  it('[A1] of a pending account may only subscribe to its own user', async () => {
    const person = await server.signIn('Jo', 'pending');
    const tab = await server.connect(person);
    await tab.subscribe(`user:${person.userId}`);
    const message = { clientMessageId: randomUUID(), conversationId: randomUUID(), text: 'Hi' };
    await expect(tab.refused('message:send', message)).resolves.toMatchObject({ code: 'forbidden' });
    expect((await server.fetch('/api/conversations', person)).status).toBe(403);
    expect((await server.fetch('/api/profile/me', person)).status).toBe(200);
  });
});

/** Simulates another process: commits to the same log without a listener here. */
async function siblingLog(
  server: TestServer,
): Promise<AsyncDisposable & { changeName: (id: string, name: string) => Promise<void> }> {
  const { connect } = await import('../../src/database/connect.js');
  const { EventLog } = await import('../../src/streams/log/event-log.js');
  const { ENTITIES } = await import('../../src/schema.js');
  const { viewUser } = await import('../../src/users/user.views.js');
  const orm = await connect(server.config.database, { entities: ENTITIES, migrations: [] });
  const log = new EventLog(new Database(orm));
  return {
    changeName: (id, name) =>
      log.write(async (transaction) => {
        const user = await transaction.em.findOneOrFail(User, { id });
        user.name = name;
        transaction.append(`user:${id}`, { type: 'user.updated', data: viewUser(user) });
      }),
    [Symbol.asyncDispose]: () => orm.close(),
  };
}
