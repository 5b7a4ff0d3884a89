import type { Socket } from 'node:net';

/**
 * Breaks a connection, with a reset where that is possible. A socket that was ended cannot be reset: Node would keep its
 * handle for ever, and the process would not come to its end.
 */
export function breakConnection(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
