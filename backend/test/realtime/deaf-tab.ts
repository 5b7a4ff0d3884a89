import type { Socket as TcpSocket } from 'node:net';
import type { TestClient } from '../support/test-client.js';

/**
 * A reply of 260,000 characters: a few dozen snapshots with it exceed all kernel buffers. With a short answer it still
 * fits into the window of one snapshot.
 */
export const LONG = Array.from({ length: 260 }, (_, n) => `${String(n).padStart(999, '.')}\n`);

/** Makes the server send a snapshot that is not read. */
export const clog = (tab: TestClient, stream: string): void => {
  tab.socket.emit('stream:subscribe', { stream }, () => undefined);
};

/** The WebSocket of a client. */
interface WebSocketInNode {
  readonly _socket: TcpSocket;
  send(data: string): void;
}

export function webSocketOf(tab: TestClient): WebSocketInNode {
  const { transport } = tab.socket.io.engine as unknown as { transport: { ws: WebSocketInNode } };
  return transport.ws;
}
