import { randomUUID } from 'node:crypto';
import type { Socket as TcpSocket } from 'node:net';
import { Logger } from '@nestjs/common';
import type { ChatSocket } from './chat-socket.js';
import type { EventRate } from './event-rate.js';

/** The deadline for the CONNECT packet, which Socket.IO clients send first. */
const CONNECT_WITHIN_MS = 4_000;
/** The time for the last data to be sent before a connection is destroyed. */
const FAREWELL_MS = 500;
/** A connection that sends more than this many times the limit of events is closed, instead of getting refusals. */
export const FLOOD_FACTOR = 3;
/** The first character of Socket.IO's CONNECT packet; for a namespace other than `/` a slash follows. */
const CONNECT = '0';
const OTHER_NAMESPACE = '0/';

type Conn = ChatSocket['conn'];

/** The WebSocket, which Engine.IO stores in the request. Only here are its ping and pong frames visible. */
interface WebSocketEvents {
  on(event: 'ping' | 'pong', listener: () => void): unknown;
}

const logger = new Logger('Connections');

/**
 * Limits a connection below Socket.IO: it must send CONNECT in time, only once and only for the namespace `/`, and must
 * not flood the server with packets of any kind. Socket.IO itself accepts any number of CONNECT packets, and keeps
 * connections that it has refused.
 */
export function limitConnection(conn: Conn, rate: EventRate, address: string | null): void {
  // Taken now, because the request is released when the socket is accepted.
  const tcp = conn.request.socket;
  const silence = setTimeout(() => cutOff(conn, tcp), CONNECT_WITHIN_MS).unref();
  let hasAsked = false;
  const id = randomUUID();
  const count = async (): Promise<void> => {
    if ((await rate.take(id)) === 0 || conn.readyState !== 'open') return;
    logger.warn(`A connection of ${address ?? 'an unknown address'} sends too much: it is closed`);
    cutOff(conn, tcp);
  };
  conn.once('close', () => {
    clearTimeout(silence);
    // The WebSocket would wait half a minute for the client's close frame, and delay a stopping server.
    destroySoon(tcp);
  });
  conn.on('packet', ({ type, data }: { readonly type: string; readonly data?: unknown }) => {
    void count();
    if (type !== 'message' || typeof data !== 'string' || !data.startsWith(CONNECT)) return;
    clearTimeout(silence);
    // At once: the rest of the server assumes a single socket per connection.
    if (hasAsked) cutOff(conn, tcp);
    // After Socket.IO has written the refusal of the namespace.
    else if (data.startsWith(OTHER_NAMESPACE)) setImmediate(() => cutOff(conn, tcp));
    hasAsked = true;
  });
  const webSocket = (conn.request as { readonly websocket?: WebSocketEvents }).websocket;
  for (const event of ['ping', 'pong'] as const) webSocket?.on(event, () => void count());
}

/** Closes a connection after the written data are sent, without waiting for the client's close frame. */
export function cutOff(conn: Conn, tcp: TcpSocket): void {
  conn.close();
  // A client that does not read would keep it open.
  destroySoon(tcp);
}

const destroySoon = (tcp: TcpSocket): void => void setTimeout(() => tcp.destroy(), FAREWELL_MS).unref();
