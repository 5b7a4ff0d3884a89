import type { Socket } from 'node:net';

/**
 * Breaks a connection, with a reset if possible. A socket that was ended cannot be reset: Node would keep its handle
 * forever, and the process would not exit.
 */
export function breakConnection(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
