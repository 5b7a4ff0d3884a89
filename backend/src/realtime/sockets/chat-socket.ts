import type { DefaultEventsMap, Server, Socket } from 'socket.io';
import type { ClientToServer, Role, ServerToClient } from '../../protocol/index.js';

/**
 * The session that a socket was opened under. `expiresAt` is that of its newest token, in milliseconds since 1970;
 * `goodUntil` is the same by `performance.now()`.
 */
export interface SocketSession {
  readonly userId: string;
  readonly sessionId: string;
  readonly expiresAt: number;
  readonly goodUntil: number;
}

export interface SocketData {
  session: SocketSession;
  /** Of the client, behind whatever proxies. */
  address: string | null;
  /** The role that all its subscriptions were granted to; `undefined` when it has changed in between. */
  role: Role | undefined;
}

export type ChatSocket = Socket<ClientToServer, ServerToClient, DefaultEventsMap, SocketData>;
export type ChatServer = Server<ClientToServer, ServerToClient, DefaultEventsMap, SocketData>;

/** Rooms that sockets sit in besides the streams that they subscribed to. */
export const userRoom = (userId: string): string => `#user:${userId}`;
export const sessionRoom = (sessionId: string): string => `#session:${sessionId}`;
const isStreamRoom = (room: string, socketId: string): boolean => room !== socketId && !room.startsWith('#');

/** The streams that a socket listens to. */
export const streamsOf = (socket: ChatSocket): string[] =>
  [...socket.rooms].filter((room) => isStreamRoom(room, socket.id));
