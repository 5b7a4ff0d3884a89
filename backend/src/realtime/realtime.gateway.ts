import type { IncomingMessage } from 'node:http';
import { Inject, Logger } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayInit,
  SubscribeMessage,
} from '@nestjs/websockets';
import { AccessTokens } from '../auth/sessions/access-tokens.js';
import { OnCommand } from '../common/handlers/on-command.decorator.js';
import type { Principal } from '../common/handlers/principal.js';
import { Principals } from '../auth/sessions/principals.js';
import { Public, Roles } from '../common/handlers/roles.decorator.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { Gateway } from '../common/handlers/gateway.decorator.js';
import { ChatError, type Command, type CommandResults, commands } from '../protocol/index.js';
import { type ChatServer, type ChatSocket, sessionRoom, type SocketData, userRoom } from './sockets/chat-socket.js';
import { clientAddressReader } from './sockets/client-address.js';
import { cutOff } from './sockets/connection-limits.js';
import { EventRate } from './sockets/event-rate.js';
import { guardIncoming } from './sockets/socket-middleware.js';
import { authenticate, ConnectError } from './sockets/handshake.js';
import { HandshakeQueue } from './sockets/handshake-queue.js';
import { SocketLife } from './sockets/socket-life.js';
import { SubscriptionsService } from './subscriptions.service.js';
import { SupervisorService } from './supervisor.service.js';

/** Accepts sockets, and handles the commands for subscriptions and tokens. */
@Gateway()
export class RealtimeGateway implements OnGatewayInit<ChatServer>, OnGatewayConnection<ChatSocket> {
  private readonly logger = new Logger(RealtimeGateway.name);
  private readonly handshakes = new HandshakeQueue();
  private readonly events: EventRate;
  private readonly addressOf: (request: IncomingMessage) => string | null;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly tokens: AccessTokens,
    private readonly principals: Principals,
    private readonly subscriptions: SubscriptionsService,
    private readonly supervisor: SupervisorService,
    private readonly life: SocketLife,
  ) {
    this.events = new EventRate(config.limits.eventsPerSecond, config.limits.eventsBurst);
    this.addressOf = clientAddressReader(config.trustedProxies);
  }

  afterInit(server: ChatServer): void {
    // Not in `handleConnection`, because Nest runs handlers while that is still pending.
    server.use((socket, next) => {
      const decide = async (): Promise<void> => {
        const isGone = (): boolean => socket.conn.readyState !== 'open';
        const refusal = await this.handshakes.run(isGone, () => this.admit(server, socket));
        next(refusal);
        // After the next tick, in which Socket.IO writes the refusal.
        if (refusal) setImmediate(() => cutOff(socket.conn, socket.request.socket));
      };
      void decide();
    });
    this.supervisor.start(server);
  }

  handleConnection(socket: ChatSocket): void {
    this.life.begin(socket);
    guardIncoming(socket, this.events);
    this.supervisor.greet(socket);
  }

  @Roles('pending', 'user', 'admin')
  @OnCommand('stream:subscribe')
  subscribe(
    principal: Principal,
    command: Command<'stream:subscribe'>,
    socket: ChatSocket,
  ): Promise<CommandResults['stream:subscribe']> {
    return this.subscriptions.subscribe(socket, principal, command);
  }

  /**
   * Public, because leaving needs no permission: without the guard's query it cannot be overtaken by a subscription
   * that the tab sends after it.
   */
  @Public()
  @SubscribeMessage('stream:unsubscribe')
  unsubscribe(
    @ConnectedSocket() socket: ChatSocket,
    @MessageBody({ schema: commands['stream:unsubscribe'] }) { stream }: Command<'stream:unsubscribe'>,
  ): Promise<void> {
    return this.subscriptions.unsubscribe(socket, stream);
  }

  /** Public, because the token of the socket may have expired a moment ago; the new token is verified here. */
  @Public()
  @SubscribeMessage('auth:refresh')
  async refresh(
    @ConnectedSocket() socket: ChatSocket,
    @MessageBody({ schema: commands['auth:refresh'] }) { token }: Command<'auth:refresh'>,
  ): Promise<CommandResults['auth:refresh']> {
    const fresh = this.tokens.verify(token);
    await this.principals.load(fresh.userId, fresh.sessionId);
    const { userId, sessionId } = socket.data.session;
    const isSame = fresh.userId === userId && fresh.sessionId === sessionId;
    if (!isSame) throw new ChatError('forbidden', 'The token belongs to another session.');
    this.life.renew(socket, fresh);
    return { expiresAt: fresh.expiresAt };
  }

  /** Authenticates a socket. @returns the reason when it is refused */
  private async admit(server: ChatServer, socket: ChatSocket): Promise<ConnectError | undefined> {
    try {
      const { session, role } = await authenticate(socket, this.tokens, this.principals);
      const open = server.of('/').adapter.rooms.get(userRoom(session.userId))?.size ?? 0;
      if (open >= this.config.limits.socketsPerUser) {
        return new ConnectError('overloaded', 'Too many connections of one account.');
      }
      const address = this.addressOf(socket.request);
      Object.assign(socket.data, { session, role, address } satisfies SocketData);
      await socket.join([userRoom(session.userId), sessionRoom(session.sessionId)]);
      return undefined;
    } catch (error) {
      if (error instanceof ConnectError) return error;
      this.logger.error({ msg: 'A handshake failed', err: error });
      return new ConnectError('overloaded', 'The server cannot take connections at the moment.');
    }
  }
}
