import { once } from 'node:events';
import { connect } from 'node:net';

const CHUNK_BYTES = 1_000_000;
const UPGRADE = [
  'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
  'Host: lockstep.test',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n');

/**
 * Opens a raw WebSocket and sends one text frame (RFC 6455, 5.2) until all of it is sent or the server closes.
 * @returns how many bytes were sent
 */
export async function sendHugeFrame(port: number, bytes: number): Promise<number> {
  // A client that ignores the server's close frame.
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  let isClosed = false;
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  // A server that refuses the frame resets the connection, which this tests.
  for (const end of ['error', 'close']) socket.on(end, () => (isClosed = true));
  socket.write(UPGRADE);
  await Promise.race([once(socket, 'data').catch(() => undefined), closed]);
  socket.resume();
  const head = Buffer.alloc(14);
  head.writeUInt8(0x81, 0);
  head.writeUInt8(0x80 | 127, 1);
  head.writeBigUInt64BE(BigInt(bytes), 2);
  socket.write(head);
  let sent = 0;
  while (!isClosed && sent < bytes) {
    const isRoom = socket.write(Buffer.alloc(CHUNK_BYTES, 'x'));
    if (!isRoom) await Promise.race([once(socket, 'drain').catch(() => undefined), closed]);
    if (!isClosed) sent += CHUNK_BYTES;
  }
  socket.destroy();
  return sent;
}
