import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Principals } from '../../src/auth/sessions/principals.js';
import { SessionVersions } from '../../src/auth/sessions/session-versions.js';
import { Session } from '../../src/auth/sessions/session.entity.js';
import { connect } from '../../src/database/connect.js';
import { Database } from '../../src/database/database.js';
import { BroadcasterService } from '../../src/realtime/delivery/broadcaster.service.js';
import type { ChatServer } from '../../src/realtime/sockets/chat-socket.js';
import { ENTITIES } from '../../src/schema.js';
import { StreamReader } from '../../src/streams/log/stream-reader.js';
import { User } from '../../src/users/user.entity.js';
import { until } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';

/** The limit of A2, and a margin for a busy machine. */
const IN_TIME_MS = 2_500;

describe('revalidation', () => {
  let server: TestServer;
  beforeAll(async () => void (server = await TestServer.start()));
  afterAll(() => server[Symbol.asyncDispose]());

  const listens = (stream: string): boolean => {
    const io = Reflect.get(server.get(BroadcasterService), 'server') as ChatServer;
    return io.of('/').adapter.rooms.has(stream);
  };
  /** Waits until the socket is no longer revalidated only because it is new. */
  const settled = async (): Promise<void> => {
    const read = jest.spyOn(server.get(SessionVersions), 'read');
    await until(() => read.mock.calls.length > 2, 'three looks', 8_000);
    read.mockRestore();
  };
  const set = (userId: string, values: Partial<Pick<User, 'role' | 'disabled'>>) =>
    server.get(Database).write((em) => em.nativeUpdate(User, { id: userId }, values));

  it('[A2] finds changes without an event, by this process and by another connection', async () => {
    const orm = await connect(server.config.database, { entities: ENTITIES, migrations: [] });
    const other = new Database(orm);
    try {
      for (const database of [server.get(Database), other]) {
        const people = await Promise.all(['Ann', 'Bob', 'Cleo', 'Dan'].map((name) => server.signIn(name)));
        const tabs = await Promise.all(people.map((person) => server.connect(person)));
        const [ended, disabled, over, gone] = people.map(({ userId, sessionId }) => ({ userId, sessionId }));
        await settled();
        const left = tabs.map((tab) => until(() => tab.disconnectReason, 'closed', IN_TIME_MS));
        await database.write(async (em) => {
          await em.nativeUpdate(Session, { id: ended?.sessionId ?? '' }, { endedAt: 1 });
          await em.nativeUpdate(User, { id: disabled?.userId ?? '' }, { disabled: true });
          await em.nativeUpdate(Session, { id: over?.sessionId ?? '' }, { expiresAt: 1 });
          await em.nativeDelete(User, { id: gone?.userId ?? '' });
        });
        await Promise.all(left);
      }
    } finally {
      await orm.close();
    }
  });

  it('[A2] closes a socket whose session expires, without any write', async () => {
    const person = await server.signIn('Eve');
    const end = Date.now() + 3_000;
    await server.get(Database).write((em) => em.nativeUpdate(Session, { id: person.sessionId }, { expiresAt: end }));
    const tab = await server.connect(person);
    await until(() => tab.disconnectReason, 'closed', 3_000 + IN_TIME_MS);
    expect(Date.now()).toBeGreaterThanOrEqual(end);
  });

  it('[A2] removes a socket from a stream that it may no longer read, and leaves it in the others', async () => {
    const person = await server.signIn('Fay', 'admin');
    const tab = await server.connect(person);
    await tab.subscribe('admin');
    await tab.subscribe(`user:${person.userId}`);
    await settled();
    await set(person.userId, { role: 'user' });
    await until(() => !listens('admin'), 'out of the room', IN_TIME_MS);
    expect(listens(`user:${person.userId}`)).toBe(true);
    expect(tab.disconnectReason).toBeUndefined();
  });

  it('[A2] notices a role that was granted and revoked between two looks, with a subscription in between', async () => {
    const person = await server.signIn('Gil');
    const tab = await server.connect(person);
    await set(person.userId, { role: 'admin' });
    await tab.subscribe('admin');
    await set(person.userId, { role: 'user' });
    await until(() => !listens('admin'), 'out of the room', IN_TIME_MS);
  });

  it('[A2] ends a subscription that was authorised before, and completed after, a change of role', async () => {
    const person = await server.signIn('Hal', 'admin');
    const tab = await server.connect(person);
    const reader = server.get(StreamReader);
    const read = reader.subscribe.bind(reader);
    const [hasRead, mayGoOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    reader.subscribe = async (...args) => {
      const result = await read(...args);
      hasRead.resolve();
      await mayGoOn.promise;
      return result;
    };
    const changed = jest.spyOn(server.get(Principals), 'changed');
    const subscribed = tab.subscribe('admin');
    await hasRead.promise;
    await set(person.userId, { role: 'user' });
    const found = async (): Promise<boolean> => {
      const maps = await Promise.all(
        changed.mock.results.map(({ value }) => value as ReturnType<Principals['changed']>),
      );
      return maps.some(({ size }) => size > 0);
    };
    await until(found, 'reviewed');
    changed.mockRestore();
    reader.subscribe = read;
    mayGoOn.resolve();
    await subscribed;
    await until(() => !listens('admin'), 'out of the room', IN_TIME_MS);
  });

  it('reads no session while no write could end one', async () => {
    if (server.config.database.kind !== 'sqlite') return;
    const person = await server.signIn('Ida');
    const tab = await server.connect(person);
    const changed = jest.spyOn(server.get(Principals), 'changed');
    await until(() => changed.mock.calls.length > 1, 'the first looks', 5_000);
    const before = changed.mock.calls.length;
    await until(() => changed.mock.calls.length > before + 1, 'two looks more', 5_000);
    const asked = changed.mock.calls.slice(before).map(([known]) => known.length);
    expect(asked.every((count) => count === 0)).toBe(true);
    expect(tab.disconnectReason).toBeUndefined();
    changed.mockRestore();
  });
});
