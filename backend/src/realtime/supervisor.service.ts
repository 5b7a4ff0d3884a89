import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { VERSION } from '../version.js';
import { parseStreamName, type StreamEvents, type UserEvent } from '../protocol/index.js';
import { EventLog } from '../streams/log/event-log.js';
import { BroadcasterService } from './delivery/broadcaster.service.js';
import { type ChatServer, type ChatSocket, sessionRoom, userRoom } from './sockets/chat-socket.js';
import { Connections } from './delivery/connections.js';
import { RevalidationService } from './revalidation.service.js';

/** About how long a restart takes. */
const RETURN_AFTER_MS = 2_000;
const FAREWELL_MS = 250;
const HEADS_EVERY_MS = 5_000;
/** Keeps the time of `A2` even when the faster ways fail. */
const REVALIDATE_EVERY_MS = 1_500;

/**
 * Enforces changed permissions on open sockets. Changes by this process take effect at once; changes by other processes
 * within two seconds, by regular revalidation.
 */
@Injectable()
export class SupervisorService implements OnApplicationShutdown {
  private readonly logger = new Logger(SupervisorService.name);
  private readonly timers: NodeJS.Timeout[] = [];
  private revalidating: Promise<void> | undefined;
  private server: ChatServer | undefined;
  private page: string | undefined;

  constructor(
    private readonly log: EventLog,
    private readonly revalidation: RevalidationService,
    private readonly broadcaster: BroadcasterService,
    private readonly connections: Connections,
  ) {}

  start(server: ChatServer): void {
    this.server = server;
    this.connections.start(server);
    // The broadcaster listens first, so that a page gets the event that explains why its socket is closed.
    this.broadcaster.start(server);
    this.log.onCommitted((batch) => this.onCommitted(server, batch));
    this.timers.push(
      // Clients notice only by the head that the last event of a stream was lost.
      setInterval(() => this.broadcaster.emitHeads(), HEADS_EVERY_MS),
      setInterval(() => {
        this.revalidating ??= this.revalidation
          .revalidateAll(server)
          .catch((error: unknown) => this.logger.error({ msg: 'Sockets could not be revalidated', err: error }))
          .finally(() => (this.revalidating = undefined));
      }, REVALIDATE_EVERY_MS),
    );
  }

  /** @param version of the page that this server serves; `undefined` without one */
  servesPage(version: string | undefined): void {
    this.page = version;
  }

  /** Tells a client which version it is connected to now: its page may be older. */
  greet(socket: ChatSocket): void {
    socket.emit('server:hello', { version: VERSION, ...(this.page !== undefined && { page: this.page }) });
  }

  /** Tells all clients that the server is stopping, and when to reconnect. */
  announceDraining(): void {
    this.server?.local.emit('server:draining', { retryAfterMs: RETURN_AFTER_MS });
  }

  /** Closes all sockets; sockets that do not read are cut off after a short time. */
  async closeAll(): Promise<void> {
    const { server } = this;
    if (!server) return;
    const open = [...this.connections.all()];
    server.local.disconnectSockets(true);
    if (open.some(({ isClosed }) => !isClosed)) await delay(FAREWELL_MS);
    for (const connection of open) connection.destroy();
  }

  async onApplicationShutdown(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.revalidating;
  }

  /** The fast path: handles events that this process has just committed. */
  private onCommitted(server: ChatServer, { stream, events }: StreamEvents): void {
    // Called for every token, so the check has to be cheap.
    if (!stream.startsWith('user:')) return;
    const name = parseStreamName(stream);
    if (name?.kind !== 'user') return;
    for (const event of events as readonly UserEvent[]) {
      if (event.type === 'session.ended') {
        server.local.in(sessionRoom(event.data.sessionId)).disconnectSockets(true);
      } else if (event.type === 'user.updated') {
        this.revalidation.revalidate(socketsIn(server, userRoom(name.id))).catch((error: unknown) => {
          this.logger.error({ msg: 'A change of role was not applied at once', err: error });
        });
      }
    }
  }
}

function socketsIn(server: ChatServer, room: string): ChatSocket[] {
  const { adapter, sockets } = server.of('/');
  return [...(adapter.rooms.get(room) ?? [])].flatMap((id) => sockets.get(id) ?? []);
}
