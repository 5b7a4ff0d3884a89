import { Injectable } from '@nestjs/common';
import type { ChatServer, ChatSocket } from './chat-socket.js';
import { Connection } from './connection.js';
import type { Frame } from './frame.js';

/** The connections of all sockets of this process. */
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
