import type { IncomingMessage } from 'node:http';
import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { MessageMappingProperties } from '@nestjs/websockets';
import type { Server, ServerOptions, Socket } from 'socket.io';
import type { Config } from '../../config/config.js';
import { replyOnce } from '../../common/handlers/gateway.decorator.js';
import { AddressConnections } from './address-connections.js';
import type { ChatSocket } from './chat-socket.js';
import { clientAddressReader } from './client-address.js';
import { limitConnection } from './connection-limits.js';

/** What Nest takes the arguments of an event for. */
interface IncomingEvent {
  readonly data: unknown;
  readonly ack?: unknown;
}

/**
 * After a frame that is too large, or is none, the WebSocket says goodbye and goes on reading for half a minute, in case
 * it is answered. Whoever sends such a thing is not waited for (`L11`).
 */
function closeAtOnce(connection: ChatSocket['conn']): void {
  // The request is let go of once the socket is in.
  const tcp = connection.request.socket;
  connection.once('close', (reason: string) => {
    if (reason === 'transport error') tcp.destroy();
  });
}

/** The answer to the upgrade and Engine.IO's first packet leave in one write. */
function corkHandshake(_headers: unknown, { socket }: IncomingMessage): void {
  socket.cork();
  process.nextTick(() => socket.uncork());
}

/** Socket.IO as this server wants it. */
export class ChatIoAdapter extends IoAdapter {
  constructor(
    app: INestApplicationContext,
    private readonly config: Config,
  ) {
    super(app);
  }

  override createIOServer(port: number, options?: Partial<ServerOptions>): Server {
    const addressOf = clientAddressReader(this.config.trustedProxies);
    const connections = new AddressConnections(this.config.limits.socketsPerAddress);
    const own: Partial<ServerOptions> = {
      ...options,
      path: '/socket.io',
      serveClient: false,
      // Long polling would need every request of a socket to reach the same process.
      transports: ['websocket'],
      // Compressing small frames costs more than the bytes it saves.
      perMessageDeflate: false,
      maxHttpBufferSize: this.config.limits.frameBytes,
      connectTimeout: 10_000,
      allowRequest: (request, decide) =>
        decide(null, this.isOwnOrigin(request) && connections.hasRoom(addressOf(request))),
    };
    const server = super.createIOServer(port, own as ServerOptions);
    server.engine.on('connection', closeAtOnce);
    server.engine.on('connection', (conn: ChatSocket['conn']) => {
      const address = addressOf(conn.request);
      conn.once('close', connections.add(address));
      limitConnection(conn, this.config.limits, address);
    });
    server.engine.on('headers', corkHandshake);
    return server;
  }

  /**
   * One listener for each command. Nest's own way takes a chain of seven observables for each command of each socket,
   * most of which are never used: 40 KB a socket.
   */
  override bindMessageHandlers(socket: Socket, handlers: MessageMappingProperties[]): void {
    for (const { message, callback } of handlers) {
      socket.on(message as string, (...args: unknown[]) => {
        const { data, ack } = this.mapPayload(args.length > 1 ? args : args[0]) as IncomingEvent;
        replyOnce(ack, (reply) => callback(data, reply) as Promise<unknown>);
      });
    }
  }

  /** Nothing listens to the end of a socket in Nest's way: `RealtimeGateway` does it in Socket.IO's. */
  override bindClientDisconnect(): void {}

  /** CORS does not keep a foreign page from opening a WebSocket. No origin at all: no browser; the token decides. */
  private isOwnOrigin({ headers }: IncomingMessage): boolean {
    return headers.origin === undefined || headers.origin === this.config.publicUrl;
  }
}
