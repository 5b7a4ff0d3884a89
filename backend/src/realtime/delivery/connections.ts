import type { IncomingMessage } from 'node:http';
import type { Socket as TcpSocket } from 'node:net';
import { Injectable } from '@nestjs/common';
import type { ChatServer, ChatSocket } from '../sockets/chat-socket.js';
import type { Frame } from './frame.js';
import { SendQueue } from './send-queue.js';

/** Engine.IO leaves the WebSocket at the request that it was opened by. */
interface UpgradedRequest extends IncomingMessage {
  readonly websocket?: { readonly readyState: number; readonly OPEN: number; readonly extensions: string };
}

/** The connection below a socket: what frames are written to, and what waits to be sent on it. */
export class Connection {
  /** Streams that the socket was taken out of and has not been told of yet (`L11`). */
  lagging: readonly string[] = [];
  private readonly tcp: TcpSocket;
  private readonly webSocket: UpgradedRequest['websocket'];
  private isCorked = false;
  /** Kept while something waits. */
  private queue: SendQueue | undefined;

  constructor(readonly socket: ChatSocket) {
    const request = socket.request as UpgradedRequest;
    this.tcp = request.socket;
    this.webSocket = request.websocket;
  }

  /** Whether the system has not taken over yet all that was written. */
  get hasUnsent(): boolean {
    return this.tcp.writableLength > 0;
  }

  get isClosed(): boolean {
    return this.tcp.destroyed;
  }

  /** What waits, and for how long the oldest byte of it has done so; called now and then while something does. */
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
   * Sends a frame behind everything that was sent before. Straight to the TCP connection where that keeps the order:
   * Engine.IO and `ws` write synchronously too, but for packets that wait until the transport is writable again, and
   * for frames that are compressed.
   *
   * @returns whether this corked the connection, which waits for `flush` then
   */
  send({ text, bytes }: Frame): boolean {
    if (!this.isDirect()) {
      // Does nothing when it is closed.
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

  /** Hands over in one write what was sent since the connection was corked. */
  flush(): void {
    this.isCorked = false;
    this.tcp.uncork();
  }

  /** Without a farewell: it would wait behind all that is not read. */
  destroy(): void {
    this.tcp.destroy();
  }

  private isDirect(): boolean {
    const { conn } = this.socket;
    const { webSocket } = this;
    return (
      // Engine.IO holds no packet back while this is true.
      conn.transport.writable &&
      conn.transport.name === 'websocket' &&
      conn.readyState === 'open' &&
      webSocket !== undefined &&
      webSocket.readyState === webSocket.OPEN &&
      webSocket.extensions === '' &&
      this.tcp.writable
    );
  }

  /** How much Engine.IO holds back, in UTF-16 units, which is near enough. It has no public way to ask. */
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
 * One frame costs 1.3 us of CPU a tab here, and some 10 us in the system's `write`.
 */
@Injectable()
export class Connections {
  private readonly byId = new Map<string, Connection>();
  private readonly byConn = new WeakMap<ChatSocket['conn'], Connection>();
  private readonly waiting = new Set<Connection>();
  private corked: Connection[] = [];

  /** From now on, what Engine.IO writes by itself counts as well: replies, snapshots, heartbeats. */
  start(server: ChatServer): void {
    server.engine.on('drain', (conn: ChatSocket['conn']) => {
      const connection = this.byConn.get(conn);
      if (connection?.hasUnsent) this.waiting.add(connection);
    });
  }

  /** A socket was let in. Its request must still be there. */
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

  /** Those that may have something unsent. A connection stays among them until it is `settled`. */
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
   * Sends a frame to sockets of this process. What one connection is sent in one go of the event loop is one write.
   * @param ids the sockets' ids; unknown ones are passed over
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
