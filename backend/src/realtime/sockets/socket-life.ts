import { Injectable } from '@nestjs/common';
import { Presence } from '../../users/presence/presence.js';
import type { ChatSocket, SocketSession } from './chat-socket.js';
import { Connections } from '../delivery/connections.js';
import { SocketClocks } from './socket-clocks.js';
import { SubscriptionsService } from '../subscriptions.service.js';

/** Informs the services that keep track of sockets when one opens or closes. */
@Injectable()
export class SocketLife {
  constructor(
    private readonly presence: Presence,
    private readonly connections: Connections,
    private readonly clocks: SocketClocks,
    private readonly subscriptions: SubscriptionsService,
  ) {}

  /** Called for an accepted socket. */
  begin(socket: ChatSocket): void {
    const { session } = socket.data;
    this.presence.opened(session.userId);
    this.connections.opened(socket);
    this.clocks.start(socket, session);
    this.subscriptions.toRevalidate(socket);
    socket.on('disconnect', () => this.end(socket));
    forgetRequest(socket);
  }

  /** Called when the socket has a new token of its session. */
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
 * Releases the headers, token and HTTP request, which are most of the memory of an idle socket.
 * https://socket.io/docs/v4/memory-usage/
 */
function forgetRequest(socket: ChatSocket): void {
  Object.assign(socket.handshake, { headers: {}, auth: {}, query: {} });
  Reflect.set(socket.conn, 'request', null);
}
