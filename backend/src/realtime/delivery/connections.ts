import type { IncomingMessage } from 'node:http';
import type { Socket as TcpSocket } from 'node:net';
import { Injectable } from '@nestjs/common';
import type { ChatServer, ChatSocket } from '../sockets/chat-socket.js';
import type { Frame } from './frame.js';
import { SendQueue } from './send-queue.js';

/** Engine.IO stores the WebSocket in the request of its handshake. */
interface UpgradedRequest extends IncomingMessage {
  readonly websocket?: { readonly readyState: number; readonly OPEN: number; readonly extensions: string };
}

/** The connection of a socket: writes frames to it, and measures its unsent data. */
export class Connection {
  /** The streams that the socket was removed from, until the client is told (`L11`). */
  lagging: readonly string[] = [];
  private readonly tcp: TcpSocket;
  private readonly webSocket: UpgradedRequest['websocket'];
  private isCorked = false;
  /** Exists while there are unsent data. */
  private queue: SendQueue | undefined;

  constructor(readonly socket: ChatSocket) {
    const request = socket.request as UpgradedRequest;
    this.tcp = request.socket;
    this.webSocket = request.websocket;
  }

  /** Whether some of the written data have not been passed to the system yet. */
  get hasUnsent(): boolean {
    return this.tcp.writableLength > 0;
  }

  get isClosed(): boolean {
    return this.tcp.destroyed;
  }

  /** The number of unsent bytes, and the age of the oldest one; called regularly while there are any. */
  unsent(now: number): { readonly buffered: number; readonly behindMs: number } {
    const { bytesWritten, writableLength } = this.tcp;
    const held = this.held();
    if (writableLength === 0 && held === 0) {
      this.queue = undefined;
      return { buffered: 0, behindMs: 0 };
    }
    this.queue ??= new SendQueue();
    this.queue.note(bytesWritten + held, bytesWritten - writableLength, now);
    return { buffered: writableLength + held, behindMs: this.queue.behindMs(now) };
  }

  /**
   * Sends a frame, in order with everything sent before. It is written directly to the TCP connection if that keeps the
   * order: Engine.IO and `ws` write synchronously too, except for packets that wait for a writable transport, and for
   * compressed frames.
   *
   * @returns whether this has corked the connection, so that `flush` must be called
   */
  send({ text, bytes }: Frame): boolean {
    if (!this.isDirect()) {
      // Without effect on a closed connection.
      this.socket.conn.write(text);
      return false;
    }
    const corks = !this.isCorked;
    if (corks) {
      this.isCorked = true;
      this.tcp.cork();
    }
    this.tcp.write(bytes);
    return corks;
  }

  /** Writes everything since `cork` at once. */
  flush(): void {
    this.isCorked = false;
    this.tcp.uncork();
  }

  /** Destroys the connection without a close frame, which would wait behind unread data. */
  destroy(): void {
    this.tcp.destroy();
  }

  private isDirect(): boolean {
    const { conn } = this.socket;
    const { webSocket } = this;
    return (
      // Engine.IO buffers no packets while this is true.
      conn.transport.writable &&
      conn.transport.name === 'websocket' &&
      conn.readyState === 'open' &&
      webSocket !== undefined &&
      webSocket.readyState === webSocket.OPEN &&
      webSocket.extensions === '' &&
      this.tcp.writable
    );
  }

  /** The size of Engine.IO's buffer in UTF-16 units, as an approximation of bytes. There is no public API for it. */
  private held(): number {
    const packets: unknown = Reflect.get(this.socket.conn, 'writeBuffer');
    if (!Array.isArray(packets)) return 0;
    let size = 0;
    for (const { data } of packets as { data?: unknown }[]) size += typeof data === 'string' ? data.length : 1;
    return size;
  }
}

/**
 * The connections of all sockets of this process.
 *
 * One frame costs 1.3 us of CPU per tab here, and some 10 us in the system's `write`.
 */
@Injectable()
export class Connections {
  private readonly byId = new Map<string, Connection>();
  private readonly byConn = new WeakMap<ChatSocket['conn'], Connection>();
  private readonly waiting = new Set<Connection>();
  private corked: Connection[] = [];

  /** Starts to watch what Engine.IO itself writes: replies, snapshots, heartbeats. */
  start(server: ChatServer): void {
    server.engine.on('drain', (conn: ChatSocket['conn']) => {
      const connection = this.byConn.get(conn);
      if (connection?.hasUnsent) this.waiting.add(connection);
    });
  }

  /** Adds an accepted socket, which must still have its request. */
  opened(socket: ChatSocket): void {
    const connection = new Connection(socket);
    this.byId.set(socket.id, connection);
    this.byConn.set(socket.conn, connection);
    if (connection.hasUnsent) this.waiting.add(connection);
  }

  closed(socket: ChatSocket): void {
    const connection = this.byId.get(socket.id);
    if (!connection) return;
    this.byId.delete(socket.id);
    this.waiting.delete(connection);
  }

  /** The connections that may have unsent data. A connection stays in this list until `settled` is called. */
  unsettled(): Iterable<Connection> {
    return this.waiting;
  }

  settled(connection: Connection): void {
    this.waiting.delete(connection);
  }

  all(): Iterable<Connection> {
    return this.byId.values();
  }

  /**
   * Sends a frame to sockets of this process. All frames of one connection within the same tick are one write.
   * @param ids the ids of the sockets; unknown ones are ignored
   */
  send(ids: Iterable<string>, frame: Frame): void {
    for (const id of ids) {
      const connection = this.byId.get(id);
      if (!connection?.send(frame)) continue;
      if (this.corked.push(connection) === 1) process.nextTick(() => this.flush());
    }
  }

  private flush(): void {
    const { corked } = this;
    this.corked = [];
    for (const connection of corked) {
      connection.flush();
      if (connection.hasUnsent) this.waiting.add(connection);
    }
  }
}
