import { Injectable } from '@nestjs/common';
import { Presence } from '../../users/presence/presence.js';
import type { ChatSocket, SocketSession } from './chat-socket.js';
import { Connections } from '../delivery/connections.js';
import { SocketClocks } from './socket-clocks.js';
import { SubscriptionsService } from '../subscriptions.service.js';

/** What has to know of a socket from its beginning to its end. */
@Injectable()
export class SocketLife {
  constructor(
    private readonly presence: Presence,
    private readonly connections: Connections,
    private readonly clocks: SocketClocks,
    private readonly subscriptions: SubscriptionsService,
  ) {}

  /** A socket was let in. */
  begin(socket: ChatSocket): void {
    const { session } = socket.data;
    this.presence.opened(session.userId);
    this.connections.opened(socket);
    this.clocks.start(socket, session);
    this.subscriptions.toRevalidate(socket);
    socket.on('disconnect', () => this.end(socket));
    forgetRequest(socket);
  }

  /** The socket has a fresh token of its session. */
  renew(socket: ChatSocket, session: SocketSession): void {
    this.clocks.start(socket, session);
  }

  private end(socket: ChatSocket): void {
    this.presence.closed(socket.data.session.userId);
    this.connections.closed(socket);
    this.clocks.stop(socket);
    this.subscriptions.ended(socket);
  }
}

/**
 * Headers, token and HTTP request are of no use any more, and most of what an idle socket would hold.
 * https://socket.io/docs/v4/memory-usage/
 */
function forgetRequest(socket: ChatSocket): void {
  Object.assign(socket.handshake, { headers: {}, auth: {}, query: {} });
  Reflect.set(socket.conn, 'request', null);
}
