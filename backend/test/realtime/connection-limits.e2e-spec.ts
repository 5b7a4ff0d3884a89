import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { WebSocket } from 'ws';
import { Principals } from '../../src/auth/sessions/principals.js';
import type { AuditEntry, Page } from '../../src/protocol/index.js';
import { until } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';
import { scaled } from '../../testing/pace.js';

/** A client without Socket.IO: sends exactly the packets of the test, and never closes by itself. */
class RawSocket implements AsyncDisposable {
  readonly received: string[] = [];
  closedAfterMs: number | undefined;
  private readonly openedAt = performance.now();

  private constructor(readonly webSocket: WebSocket) {
    webSocket.on('message', (data: Buffer) => this.received.push(data.toString()));
    webSocket.on('close', () => (this.closedAfterMs ??= performance.now() - this.openedAt));
    webSocket.on('error', () => undefined);
  }

  static async open(server: TestServer, headers: Record<string, string> = {}): Promise<RawSocket> {
    const url = `${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
    const raw = new RawSocket(new WebSocket(url, { headers }));
    await until(() => raw.received.length > 0, 'the handshake of Engine.IO');
    return raw;
  }

  send(...packets: string[]): void {
    for (const packet of packets) this.webSocket.send(packet);
  }

  /** Sends a valid CONNECT and waits for the answer. */
  async enter(token: string): Promise<this> {
    this.send(connectWith(token));
    await until(() => this.count('40') > 0, 'let in');
    return this;
  }

  count(beginning: string): number {
    return this.received.filter((packet) => packet.startsWith(beginning)).length;
  }

  closed(withinMs: number): Promise<unknown> {
    return until(() => this.closedAfterMs !== undefined, 'closed', withinMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.closedAfterMs !== undefined) return;
    const closed = once(this.webSocket, 'close');
    this.webSocket.terminate();
    await closed;
  }
}

/** A WebSocket over bare TCP: it answers nothing, not even a close frame. */
async function openTcp(server: TestServer): Promise<{ readonly socket: Socket; isClosed: boolean }> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname).on('error', () => undefined);
  const opened = { socket, isClosed: false };
  socket.on('close', () => (opened.isClosed = true));
  socket.write(
    `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${hostname}\r\nUpgrade: websocket\r\n` +
      'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await once(socket, 'data');
  socket.resume();
  return opened;
}

const connectWith = (token: string, protocol = 1): string => `40${JSON.stringify({ token, protocol })}`;

describe('a server with its usual limits', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start({ MAX_EVENTS_PER_SECOND: '20', MAX_EVENTS_BURST: '40' });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it.each([
    ['without a good token', connectWith('x')],
    ['of another protocol', connectWith('x', 7)],
    ['that says nothing of itself', '40'],
    ['to another namespace', '40/admin,{"token":"x"}'],
  ])('answers a CONNECT %s with an error, and closes the connection within a second', async (_what, packet) => {
    await using raw = await RawSocket.open(server);
    raw.send(packet);
    await raw.closed(1_000);
    expect(raw.count('44')).toBe(1);
  });

  it('cuts a refused connection that does not answer the close frame', async () => {
    const tcp = await openTcp(server);
    // A text frame of two letters, masked with zeros.
    tcp.socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, ...Buffer.from('40')]));
    await until(() => tcp.isClosed, 'the connection is cut', 1_000);
  });

  it('closes a connection without a CONNECT within five seconds', async () => {
    await using silent = await RawSocket.open(server);
    await using chatty = await RawSocket.open(server);
    await using late = await RawSocket.open(server);
    // Unsolicited pongs do not extend the time.
    chatty.send('3', '3');
    await Promise.all([silent.closed(5_000), chatty.closed(5_000)]);
    expect(silent.closedAfterMs).toBeGreaterThan(2_000);
    await late.closed(1_000);
  });

  it('does not close a connection that sends its CONNECT in time', async () => {
    const { token } = await server.signIn('Ann');
    await using raw = await (await RawSocket.open(server)).enter(token);
    await using silent = await RawSocket.open(server);
    await silent.closed(5_000);
    expect(raw.closedAfterMs).toBeUndefined();
  });

  it('closes a connection that sends many CONNECTs, without a database query for each', async () => {
    const { token, userId } = await server.signIn('Bea');
    const load = jest.spyOn(server.get(Principals), 'load');
    await using raw = await RawSocket.open(server);
    raw.send(...Array<string>(100).fill(connectWith(token)));
    await raw.closed(1_000);
    expect(load.mock.calls.filter(([id]) => id === userId).length).toBeLessThanOrEqual(2);
    load.mockRestore();
    await using guesser = await RawSocket.open(server);
    guesser.send(...Array.from({ length: 100 }, (_, n) => connectWith(`guess-${n}`)));
    await guesser.closed(1_000);
    expect(guesser.count('44')).toBeLessThanOrEqual(2);
    const tab = await server.connect({ token });
    expect(tab.socket.connected).toBe(true);
  });

  it.each([
    ['events', (n: number) => `42${n}["stream:unsubscribe",{"stream":"x"}]`],
    ['events that do not exist', (n: number) => `42${n}["nothing:here"]`],
    ['events that want no answer', () => '42["draft:set",{}]'],
    ['acknowledgements', (n: number) => `43${n}[]`],
    ['pongs', () => '3'],
  ])('closes a connection that floods it with %s', async (_what, packet) => {
    const { token } = await server.signIn('Cleo');
    await using raw = await (await RawSocket.open(server)).enter(token);
    raw.send(...Array.from({ length: 500 }, (_, n) => packet(n)));
    await raw.closed(1_000);
    // 40 at once are handled, the next 40 are refused with `rate_limited`, and the rest is not answered.
    expect(raw.count('43')).toBeLessThanOrEqual(120);
  });

  it('closes a connection that floods it with WebSocket pings', async () => {
    const { token } = await server.signIn('Dan');
    await using raw = await (await RawSocket.open(server)).enter(token);
    for (let n = 0; n < 500; n++) raw.webSocket.ping();
    await raw.closed(1_000);
  });

  it('only refuses events that are slightly too fast', async () => {
    const { token } = await server.signIn('Eva');
    const tab = await server.connect({ token });
    const replies = await Promise.all(
      Array.from({ length: 80 }, () => tab.raw('stream:unsubscribe', { stream: `user:${server.config.port}` })),
    );
    const refused = replies.filter((reply) => !reply.ok && reply.error.code === 'rate_limited');
    expect(refused.length).toBeGreaterThan(20);
    expect(tab.disconnectReason).toBeUndefined();
  });

  it('[A5] refuses an admin command of a user over the socket, and records the address', async () => {
    const admin = await server.signIn('Root', 'admin');
    const eve = await server.signIn('Eve');
    await using raw = await (await RawSocket.open(server, { 'x-forwarded-for': '2001:db8::9' })).enter(eve.token);
    raw.send(`421["admin:set-role",{"userId":"${eve.userId}","role":"admin"}]`);
    await until(() => raw.received.some((packet) => packet.includes('forbidden')), 'refused');
    const { items } = (await (await server.fetch('/api/admin/audit', admin)).json()) as Page<AuditEntry>;
    expect(items[0]).toMatchObject({
      action: 'admin.refused',
      actorId: eve.userId,
      address: '2001:db8::9',
      requestId: expect.any(String),
      detail: { reason: 'role', act: 'admin:set-role' },
    });
  });
});

it('a server limits the connections of each address, signed in or not', async () => {
  await using server = await TestServer.start({ MAX_SOCKETS_PER_ADDRESS: '3' });
  const { token } = await server.signIn('Ann');
  const from = (address: string): Promise<RawSocket> => RawSocket.open(server, { 'x-forwarded-for': address });
  const refused = async (address: string): Promise<unknown> => {
    const url = `${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
    const webSocket = new WebSocket(url, { headers: { 'x-forwarded-for': address } });
    const [error] = (await once(webSocket, 'error')) as unknown[];
    return error;
  };
  await using signedIn = await (await from('203.0.113.1')).enter(token);
  await using _silent = await from('203.0.113.1');
  const third = await from('203.0.113.1');
  for (let tries = 0; tries < 3; tries++)
    expect(await refused('203.0.113.1')).toMatchObject({ message: expect.stringContaining('400') });
  await using _other = await from('203.0.113.2');
  // A local proxy that does not send `X-Forwarded-For`.
  for (let n = 0; n < 5; n++) await (await RawSocket.open(server))[Symbol.asyncDispose]();
  await third[Symbol.asyncDispose]();
  await using _next = await from('203.0.113.1');
  expect(signedIn.closedAfterMs).toBeUndefined();
});

it('silent connections do not delay the shutdown of a server', async () => {
  const server = await TestServer.start();
  const silent = [await openTcp(server), await openTcp(server)];
  const started = performance.now();
  await server[Symbol.asyncDispose]();
  expect(performance.now() - started).toBeLessThan(scaled(3_000));
  await until(() => silent.every(({ isClosed }) => isClosed), 'they are gone', 1_000);
});
