import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { parseStreamName, type StreamEvents, type UserEvent } from '../protocol/index.js';
import { EventLog } from '../streams/log/event-log.js';
import { BroadcasterService } from './delivery/broadcaster.service.js';
import { type ChatServer, type ChatSocket, sessionRoom, userRoom } from './sockets/chat-socket.js';
import { Connections } from './delivery/connections.js';
import { RevalidationService } from './revalidation.service.js';

/** A restart takes about so long. */
const RETURN_AFTER_MS = 2_000;
const FAREWELL_MS = 250;
const HEADS_EVERY_MS = 5_000;
/** The bound of `A2`, whatever happened to faster ways. */
const REVALIDATE_EVERY_MS = 1_500;

/**
 * Sees to it that each socket gets what it may have, and nothing else. What happens on this process takes effect at
 * once; what happens on another one, within two seconds, because the rows are looked at again that often.
 */
@Injectable()
export class SupervisorService implements OnApplicationShutdown {
  private readonly logger = new Logger(SupervisorService.name);
  private readonly timers: NodeJS.Timeout[] = [];
  private revalidating: Promise<void> | undefined;
  private server: ChatServer | undefined;

  constructor(
    private readonly log: EventLog,
    private readonly revalidation: RevalidationService,
    private readonly broadcaster: BroadcasterService,
    private readonly connections: Connections,
  ) {}

  start(server: ChatServer): void {
    this.server = server;
    this.connections.start(server);
    // The broadcaster listens first: a page is told why before its socket closes.
    this.broadcaster.start(server);
    this.log.onCommitted((batch) => this.onCommitted(server, batch));
    this.timers.push(
      // A lost last event is noticed only so.
      setInterval(() => this.broadcaster.emitHeads(), HEADS_EVERY_MS),
      setInterval(() => {
        this.revalidating ??= this.revalidation
          .revalidateAll(server)
          .catch((error: unknown) => this.logger.error({ msg: 'Sockets could not be revalidated', err: error }))
          .finally(() => (this.revalidating = undefined));
      }, REVALIDATE_EVERY_MS),
    );
  }

  /** Tells every page that the server goes, and when to look for the next one. */
  announceDraining(): void {
    this.server?.local.emit('server:draining', { retryAfterMs: RETURN_AFTER_MS });
  }

  /** Closes every socket, and does not wait for those that read no farewell. */
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

  /** The fast path: acts on what this process has just committed. */
  private onCommitted(server: ChatServer, { stream, events }: StreamEvents): void {
    // With every token: a look at the first letters has to do.
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
