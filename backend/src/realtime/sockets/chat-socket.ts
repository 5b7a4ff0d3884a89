import type { DefaultEventsMap, Server, Socket } from 'socket.io';
import type { ClientToServer, Role, ServerToClient } from '../../protocol/index.js';

/**
 * The session of a socket. `expiresAt` is the expiry of its newest token, in milliseconds since 1970; `goodUntil` is
 * the same by `performance.now()`.
 */
export interface SocketSession {
  readonly userId: string;
  readonly sessionId: string;
  readonly expiresAt: number;
  readonly goodUntil: number;
}

export interface SocketData {
  session: SocketSession;
  /** The network address of the client, behind trusted proxies. */
  address: string | null;
  /** The role under which all subscriptions were granted; `undefined` when they were granted under different roles. */
  role: Role | undefined;
}

export type ChatSocket = Socket<ClientToServer, ServerToClient, DefaultEventsMap, SocketData>;
export type ChatServer = Server<ClientToServer, ServerToClient, DefaultEventsMap, SocketData>;

/** The rooms of a socket that are not streams. */
export const userRoom = (userId: string): string => `#user:${userId}`;
export const sessionRoom = (sessionId: string): string => `#session:${sessionId}`;
const isStreamRoom = (room: string, socketId: string): boolean => room !== socketId && !room.startsWith('#');

/** The streams that a socket is subscribed to. */
export const streamsOf = (socket: ChatSocket): string[] =>
  [...socket.rooms].filter((room) => isStreamRoom(room, socket.id));
