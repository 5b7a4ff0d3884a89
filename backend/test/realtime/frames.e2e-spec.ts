import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { ChatServer, ChatSocket } from '../../src/realtime/sockets/chat-socket.js';
import { BroadcasterService } from '../../src/realtime/delivery/broadcaster.service.js';
import { Connections } from '../../src/realtime/delivery/connections.js';
import { EventLog } from '../../src/streams/log/event-log.js';
import { StreamReader } from '../../src/streams/log/stream-reader.js';
import { eventFrame } from '../../src/realtime/delivery/frame.js';
import { type TestClient, until } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';

describe('frames that bypass Engine.IO', () => {
  let server: TestServer;
  beforeAll(async () => void (server = await TestServer.start()));
  afterAll(() => server[Symbol.asyncDispose]());

  const serverSide = (tab: TestClient): ChatSocket => {
    const io = Reflect.get(server.get(BroadcasterService), 'server') as ChatServer;
    const socket = io.of('/').sockets.get(tab.socket.id ?? '');
    if (!socket) throw new Error('no socket');
    return socket;
  };

  /** Sends numbers in both ways, as `send` chooses, and returns those that arrived. */
  const arrivals = async (count: number, send: (n: number, direct: () => void, engine: () => void) => void) => {
    const tab = await server.connect(await server.signIn(`P${randomUUID()}`));
    const socket = serverSide(tab);
    const seen: number[] = [];
    tab.socket.on('stream:lagging', ({ stream }) => void seen.push(Number(stream)));
    for (let n = 0; n < count; n++) {
      send(
        n,
        () => server.get(Connections).send([socket.id], eventFrame('stream:lagging', `{"stream":"${n}"}`)),
        () => void socket.emit('stream:lagging', { stream: String(n) }),
      );
      if (n % 10 === 9) await new Promise(setImmediate);
    }
    await until(() => seen.length === count, 'all of them');
    return seen;
  };

  it('keep their order among the packets of Engine.IO', async () => {
    const sent = Array.from({ length: 400 }, (_, n) => n);
    expect(await arrivals(400, (n, direct, engine) => (n % 3 === 1 ? engine() : direct()))).toEqual(sent);
    expect(await arrivals(400, (n, direct, engine) => (n % 7 < 3 ? engine() : direct()))).toEqual(sent);
  });

  it('keep their order while Engine.IO buffers packets', async () => {
    const tab = await server.connect(await server.signIn('Hal'));
    const socket = serverSide(tab);
    const seen: number[] = [];
    tab.socket.on('stream:lagging', ({ stream }) => void seen.push(Number(stream)));
    // The first is written at once, the second waits until the transport is writable again.
    for (const n of [0, 1]) socket.emit('stream:lagging', { stream: String(n) });
    expect(socket.conn.transport.writable).toBe(false);
    server.get(Connections).send([socket.id], eventFrame('stream:lagging', '{"stream":"2"}'));
    await until(() => seen.length === 3, 'all three');
    expect(seen).toEqual([0, 1, 2]);
  });

  it('are sent in one write when they come together', async () => {
    const tab = await server.connect(await server.signIn('Ida'));
    const socket = serverSide(tab);
    const connection = [...server.get(Connections).all()].find((one) => one.socket === socket);
    const tcp: unknown = connection && Reflect.get(connection, 'tcp');
    if (!isTcp(tcp)) throw new Error('no connection');
    const writes: number[] = [];
    const { _writeGeneric } = tcp;
    tcp._writeGeneric = function (...args) {
      writes.push(1);
      return _writeGeneric.apply(this, args);
    };
    for (let n = 0; n < 5; n++)
      server.get(Connections).send([socket.id], eventFrame('stream:lagging', '{"stream":"x"}'));
    await new Promise(setImmediate);
    expect(writes).toHaveLength(1);
  });

  it('[L3] are held back while a subscription reads, and not lost', async () => {
    const person = await server.signIn('Jo');
    const tab = await server.connect(person);
    const stream = `user:${person.userId}`;
    const reader = server.get(StreamReader);
    const read = reader.subscribe.bind(reader);
    const event = { type: 'session.ended', data: { sessionId: randomUUID() } } as const;
    const commit = () =>
      server.get(EventLog).write((transaction) => Promise.resolve(void transaction.append(stream, event)));
    // Otherwise the periodic look into the log would find a lost event.
    const catchUp = jest.spyOn(server.get(BroadcasterService), 'catchUp').mockResolvedValue();
    // Commits after the stream was read, before the socket joins the room.
    reader.subscribe = async (...args) => {
      const result = await read(...args);
      await commit();
      return result;
    };
    await tab.subscribe(stream);
    reader.subscribe = read;
    await tab.event(stream, 'session.ended', ({ sessionId }) => sessionId === event.data.sessionId);
    catchUp.mockRestore();
  });

  it('[A3] never reach a socket that may not read their stream, whenever they are committed', async () => {
    const [owner, stranger] = [await server.signIn('Kim'), await server.connect(await server.signIn('Lee'))];
    const stream = `user:${owner.userId}`;
    const event = { type: 'session.ended', data: { sessionId: randomUUID() } } as const;
    const commit = () =>
      server.get(EventLog).write((transaction) => Promise.resolve(void transaction.append(stream, event)));
    const refused = stranger.refused('stream:subscribe', { stream });
    for (let n = 0; n < 10; n++) await commit();
    await expect(refused).resolves.toMatchObject({ code: 'not_found' });
    await commit();
    await stranger.refused('stream:subscribe', { stream });
    expect(stranger.eventsOf(stream)).toEqual([]);
  });
});

interface Tcp {
  _writeGeneric: (...args: unknown[]) => unknown;
}

const isTcp = (value: unknown): value is Tcp => typeof value === 'object' && value !== null && '_writeGeneric' in value;
