import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { breakConnection } from './break-connection.js';

describe('breaking a connection', () => {
  // It reads, and does not end its own side.
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => undefined).resume());
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => void server.close());

  async function open(): Promise<Socket> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  }

  it.each([
    ['open', () => undefined],
    ['being ended', (socket: Socket) => void socket.end()],
    ['destroyed', (socket: Socket) => void socket.destroy()],
  ])('closes it when it is %s', async (_state, prepare) => {
    const socket = await open();
    const closed = once(socket, 'close');
    prepare(socket);
    breakConnection(socket);
    await closed;
    expect(socket.destroyed).toBe(true);
  });
});
