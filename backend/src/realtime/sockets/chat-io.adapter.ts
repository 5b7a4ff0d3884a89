import type { IncomingMessage } from 'node:http';
import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { MessageMappingProperties } from '@nestjs/websockets';
import type { Server, ServerOptions, Socket } from 'socket.io';
import type { Config } from '../../config/config.js';
import { commandReport } from '../../common/handlers/command-report.js';
import { traceCommand } from '../../common/handlers/command-span.js';
import { replyOnce } from '../../common/handlers/gateway.decorator.js';
import type { Reply } from '../../protocol/index.js';
import { Tracing } from '../../tracing/tracing.js';
import { AddressConnections } from './address-connections.js';
import { RateLimits } from '../../limits/rate-limits.js';
import type { ChatSocket } from './chat-socket.js';
import { clientAddressReader } from './client-address.js';
import { FLOOD_FACTOR, limitConnection } from './connection-limits.js';
import { EventRate } from './event-rate.js';

type Next = (error?: Error) => void;

/** The arguments of an event, as Nest maps them. */
interface IncomingEvent {
  readonly data: unknown;
  readonly ack?: unknown;
}

/**
 * Closes the TCP connection after a frame that is too large or invalid: `ws` would send a close frame and read for
 * another half a minute, in case the client answers (`L11`).
 */
function closeAtOnce(connection: ChatSocket['conn']): void {
  // Taken now, because the request is released when the socket is accepted.
  const tcp = connection.request.socket;
  connection.once('close', (reason: string) => {
    if (reason === 'transport error') tcp.destroy();
  });
}

/** Sends the response to the upgrade and Engine.IO's first packet in one write. */
function corkHandshake(_headers: unknown, { socket }: IncomingMessage): void {
  socket.cork();
  process.nextTick(() => socket.uncork());
}

/**
 * Refuses to move a session to another transport, of which there is only one. Such a request would not be passed to
 * `allowRequest`: its connection would stay open for Engine.IO's `upgradeTimeout` without being counted.
 */
function refuseUpgrade(request: IncomingMessage & { readonly _query?: object }, _response: unknown, next: Next): void {
  next(Object.hasOwn(request._query ?? {}, 'sid') ? new Error('There is only one transport.') : undefined);
}

/** Configures Socket.IO, with limits for connections. */
export class ChatIoAdapter extends IoAdapter {
  constructor(
    private readonly app: INestApplicationContext,
    private readonly config: Config,
  ) {
    super(app);
  }

  override createIOServer(port: number, options?: Partial<ServerOptions>): Server {
    const addressOf = clientAddressReader(this.config.trustedProxies);
    const { limits } = this.config;
    const connections = new AddressConnections(this.app.get(RateLimits), limits);
    const packets = new EventRate(limits.eventsPerSecond * FLOOD_FACTOR, limits.eventsBurst * FLOOD_FACTOR);
    const own: Partial<ServerOptions> = {
      ...options,
      path: '/socket.io',
      serveClient: false,
      // Long polling would need sticky sessions.
      transports: ['websocket'],
      // Compressing small frames costs more than it saves.
      perMessageDeflate: false,
      maxHttpBufferSize: limits.frameBytes,
      connectTimeout: 10_000,
      allowRequest: (request, decide) => {
        if (this.isOwnOrigin(request)) {
          void connections.admits(addressOf(request)).then((isAdmitted) => decide(null, isAdmitted));
        } else {
          decide(null, false);
        }
      },
    };
    const server = super.createIOServer(port, own as ServerOptions);
    server.engine.use(refuseUpgrade);
    server.engine.on('connection', closeAtOnce);
    server.engine.on('connection', (conn: ChatSocket['conn']) => {
      const address = addressOf(conn.request);
      conn.once('close', connections.add(address));
      limitConnection(conn, packets, address);
    });
    server.engine.on('headers', corkHandshake);
    return server;
  }

  /**
   * Adds one listener for each command. Nest's own implementation creates seven observables for each command and
   * socket, which takes 40 KB per socket and is mostly unused.
   */
  override bindMessageHandlers(socket: Socket, handlers: MessageMappingProperties[]): void {
    const tracing = this.app.get(Tracing);
    for (const { message, callback } of handlers) {
      socket.on(message as string, (...args: unknown[]) => {
        const { data, ack } = this.mapPayload(args.length > 1 ? args : args[0]) as IncomingEvent;
        const report = commandReport(message as string);
        const handle = (reply: (answer: Reply<unknown>) => void) => callback(data, reply) as Promise<unknown>;
        traceCommand(tracing, String(message), ack, (acknowledgement) => replyOnce(acknowledgement, handle, report));
      });
    }
  }

  /** Does nothing: no handler uses Nest's disconnect hook; `SocketLife` listens to Socket.IO's event. */
  override bindClientDisconnect(): void {}

  /**
   * CORS does not apply to WebSockets. Clients that are not browsers send no `Origin`; for them the token is enough.
   */
  private isOwnOrigin({ headers }: IncomingMessage): boolean {
    return headers.origin === undefined || headers.origin === this.config.publicUrl;
  }
}
