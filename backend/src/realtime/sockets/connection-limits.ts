import type { Socket as TcpSocket } from 'node:net';
import { Logger } from '@nestjs/common';
import type { Limits } from '../../config/config.js';
import type { ChatSocket } from './chat-socket.js';
import { EventRate } from './event-rate.js';

/** A page sends CONNECT with its first packet: whoever has not done so by then waits for something else. */
const CONNECT_WITHIN_MS = 4_000;
/** For what was written last to arrive, before a connection is cut. */
const FAREWELL_MS = 500;
/** Beyond so many times what a socket may send, its events are not refused any more: it is cut off. */
const FLOOD_FACTOR = 3;
/** The first letter of what Engine.IO carries: Socket.IO's CONNECT. Another namespace than `/` follows after a slash. */
const CONNECT = '0';
const OTHER_NAMESPACE = '0/';

type Conn = ChatSocket['conn'];

/** The WebSocket that Engine.IO leaves at the request; its own pings and pongs are seen nowhere else. */
interface WebSocketEvents {
  on(event: 'ping' | 'pong', listener: () => void): unknown;
}

const logger = new Logger('Connections');

/**
 * Bounds what a connection may do before and beside being a socket: stay silent, ask to be let in again and again, or
 * send more packets of any kind than anybody reads. Socket.IO itself lets a connection send CONNECT without end, and
 * keeps one that it has refused.
 */
export function limitConnection(conn: Conn, { eventsPerSecond, eventsBurst }: Limits, address: string | null): void {
  // The request is let go of once the socket is in.
  const tcp = conn.request.socket;
  const rate = new EventRate(eventsPerSecond * FLOOD_FACTOR, eventsBurst * FLOOD_FACTOR);
  const silence = setTimeout(() => cutOff(conn, tcp), CONNECT_WITHIN_MS).unref();
  let hasAsked = false;
  const count = (): boolean => {
    if (rate.take() === 0) return true;
    if (conn.readyState === 'open')
      logger.warn(`A connection of ${address ?? 'an unknown address'} sends too much: it is closed`);
    cutOff(conn, tcp);
    return false;
  };
  conn.once('close', () => {
    clearTimeout(silence);
    // The WebSocket would wait half a minute for an answer, and with it a server that is to stop.
    destroySoon(tcp);
  });
  conn.on('packet', ({ type, data }: { readonly type: string; readonly data?: unknown }) => {
    if (!count() || type !== 'message' || typeof data !== 'string' || !data.startsWith(CONNECT)) return;
    clearTimeout(silence);
    // At once: two sockets on one connection are more than the rest of the server knows of.
    if (hasAsked) cutOff(conn, tcp);
    // The answer to a foreign namespace is about to be written.
    else if (data.startsWith(OTHER_NAMESPACE)) setImmediate(() => cutOff(conn, tcp));
    hasAsked = true;
  });
  const webSocket = (conn.request as { readonly websocket?: WebSocketEvents }).websocket;
  for (const event of ['ping', 'pong'] as const) webSocket?.on(event, () => void count());
}

/** Closes a connection, once what was written to it is sent, and does not wait for the other side to agree. */
export function cutOff(conn: Conn, tcp: TcpSocket): void {
  conn.close();
  // What does not read keeps it from closing.
  destroySoon(tcp);
}

const destroySoon = (tcp: TcpSocket): void => void setTimeout(() => tcp.destroy(), FAREWELL_MS).unref();
