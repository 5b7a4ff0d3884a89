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
 * Opens a WebSocket by hand and sends one text frame (RFC 6455, 5.2) until all of it is sent or the server has enough.
 * @returns how many bytes the server let it send
 */
export async function sendHugeFrame(port: number, bytes: number): Promise<number> {
  const socket = connect({ host: '127.0.0.1', port });
  let isClosed = false;
  const closed = once(socket, 'close').then(() => (isClosed = true));
  // A server that has enough resets the connection: that is what this is about.
  socket.on('error', () => (isClosed = true));
  socket.write(UPGRADE);
  await Promise.race([once(socket, 'data'), closed]);
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
