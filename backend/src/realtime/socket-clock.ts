import type { ChatSocket, SocketSession } from './chat-socket.js';

/** How long before the token expires the page is told. */
const WARN_BEFORE_MS = 60_000;
/** How long after that the socket still lives. */
const CLOSE_AFTER_MS = 10_000;

const timers = new WeakMap<ChatSocket, NodeJS.Timeout[]>();

/** Closes a socket whose token expired, after a warning; a fresh token starts the clock anew. */
export const SocketClock = {
  start(socket: ChatSocket): void {
    this.restart(socket, socket.data.session);
    socket.on('disconnect', () => stop(socket));
  },

  restart(socket: ChatSocket, session: SocketSession): void {
    socket.data.session = session;
    stop(socket);
    const { expiresAt } = session;
    const now = Date.now();
    timers.set(socket, [
      setTimeout(() => socket.emit('auth:expiring', { expiresAt }), Math.max(0, expiresAt - WARN_BEFORE_MS - now)),
      setTimeout(() => socket.disconnect(true), Math.max(0, expiresAt + CLOSE_AFTER_MS - now)),
    ]);
  },
};

function stop(socket: ChatSocket): void {
  for (const timer of timers.get(socket) ?? []) clearTimeout(timer);
}
