import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
import { type AdminEvent, type AdminState, foldAdmin } from '../../src/protocol/index.js';
import { StreamReader } from '../../src/streams/log/stream-reader.js';
import { EventLog } from '../../src/streams/log/event-log.js';
import { StreamSources } from '../../src/streams/log/stream-sources.js';
import { clearDeadProcesses, writePresence } from '../../src/users/presence/presence-rows.js';
import { Presence } from '../../src/users/presence/presence.js';
import { AuthServer } from '../auth/auth-server.js';
import { AdminRoutes, idOf, signInAs } from './people.js';

const OTHER_PROCESS = '00000000-0000-7000-8000-000000000000';

describe('presence', () => {
  let server: AuthServer;
  let presence: Presence;
  beforeEach(async () => {
    server = await AuthServer.start();
    presence = server.get(Presence);
  });
  afterEach(() => server[Symbol.asyncDispose]());

  const changes = (): unknown[] =>
    server.events.filter(({ type }) => type === 'presence.changed').map(({ data }) => data);
  const until = async (count: number): Promise<void> => {
    const deadline = Date.now() + 8000;
    while (changes().length < count) {
      if (Date.now() > deadline) throw new Error(`${changes().length} changes instead of ${count}`);
      await delay(10);
    }
  };
  const snapshot = async (): Promise<unknown> => {
    const result = await server.get(StreamReader).subscribe({ userId: 'any', role: 'admin' }, 'admin', undefined);
    return result.mode === 'snapshot' ? result.state : undefined;
  };

  it('changes when the first tab opens and the last one closes, not in between', async () => {
    const ann = await server.signIn('ann');
    const id = idOf(ann);
    presence.opened(id);
    presence.opened(id);
    await until(1);
    expect(presence.isOnline(id)).toBe(true);
    expect(presence.counts()).toEqual({ users: 1, sockets: 2 });
    presence.closed(id);
    presence.closed(id);
    expect(presence.isOnline(id)).toBe(true);
    await until(2);
    expect(presence.isOnline(id)).toBe(false);
    expect(changes()).toEqual([
      { userId: id, online: true, lastSeenAt: expect.any(Number) },
      { userId: id, online: false, lastSeenAt: expect.any(Number) },
    ]);
    expect(presence.counts()).toEqual({ users: 0, sockets: 0 });
  });

  it('does not flicker when a page reloads', async () => {
    const id = idOf(await server.signIn('ann'));
    const other = idOf(await server.signIn('bob'));
    presence.opened(id);
    await until(1);
    presence.closed(id);
    presence.opened(id);
    presence.opened(other);
    presence.closed(other);
    await until(3);
    expect(changes()).toMatchObject([
      { userId: id },
      { userId: other, online: true },
      { userId: other, online: false },
    ]);
  });

  it('is shown in the list of users, with the time when they were last seen', async () => {
    const admin = new AdminRoutes(server, await signInAs(server, 'ada', 'admin'));
    const id = idOf(await server.signIn('ann'));
    const before = Date.now();
    presence.opened(id);
    await until(1);
    const { items } = await admin.users({ q: 'ann@' });
    expect(items[0]?.online).toBe(true);
    expect(items[0]?.lastSeenAt).toBeGreaterThanOrEqual(before);
    expect((await admin.change(id, { role: 'pending' })).body.online).toBe(true);
  });

  it('[L4] folds to the state of a new snapshot', async () => {
    const ids = [idOf(await server.signIn('ann')), idOf(await server.signIn('bob'))];
    for (const id of ids) presence.opened(id);
    await until(2);
    presence.closed(ids[0] ?? '');
    await until(3);
    let folded: AdminState = { online: [] };
    for (const { stream, ...event } of server.events) {
      if (stream === 'admin') folded = foldAdmin(folded, event as AdminEvent);
    }
    expect(folded).toEqual({ online: [ids[1]] });
    expect(await snapshot()).toEqual(folded);
  });

  it('is visible only to admins', async () => {
    const reader = server.get(StreamReader);
    for (const role of ['user', 'pending'] as const) {
      await expect(reader.subscribe({ userId: 'any', role }, 'admin', undefined)).rejects.toMatchObject({
        code: 'not_found',
      });
    }
    expect(await snapshot()).toEqual({ online: [] });
  });

  /** Another server process on the same database. */
  const anotherProcess = (): Presence =>
    new Presence(server.get(Database), server.get(EventLog), server.get(StreamSources));

  it('counts a user once for several processes, and is cleared for dead processes', async () => {
    const id = idOf(await server.signIn('ann'));
    anotherProcess().opened(id);
    await until(1);
    presence.opened(id);
    presence.closed(id);
    // This change of another user is written after hers, so hers has been written too.
    const other = idOf(await server.signIn('bob'));
    presence.opened(other);
    presence.closed(other);
    await until(3);
    expect(changes()).toMatchObject([{ userId: id, online: true }, { userId: other }, { userId: other }]);
    expect(await snapshot()).toEqual({ online: [id] });

    await server.get(EventLog).write((transaction) => clearDeadProcesses(transaction, -1_000));
    expect(changes().at(-1)).toMatchObject({ userId: id, online: false });
    expect(await snapshot()).toEqual({ online: [] });
  });
});

describe('presence on a SQLite file', () => {
  it('is cleared at start for users who were online when the only process died', async () => {
    await using server = await AuthServer.start({ env: { DATABASE_URL: '' } });
    const id = idOf(await server.signIn('ann'));
    const services = [server.get(Database), server.get(EventLog), server.get(StreamSources)] as const;
    await server.get(EventLog).write((transaction) => writePresence(transaction, OTHER_PROCESS, new Map([[id, 1]])));
    const next = new Presence(...services);
    await next.onApplicationBootstrap();
    await next.beforeApplicationShutdown();
    const changes = server.events.filter(({ type }) => type === 'presence.changed');
    expect(changes.map(({ data }) => data)).toMatchObject([
      { userId: id, online: true },
      { userId: id, online: false },
    ]);
  });
});
