import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { streamsOf } from '../sockets/chat-socket.js';
import type { Connection } from './connections.js';
import { Connections } from './connections.js';

const LOOK_EVERY_MS = 250;
/** How much further than lagging a socket may fall before it is closed. */
const CLOSE_AT_BYTES = 8;
const CLOSE_AT_TIME = 2;

/**
 * Keeps a tab that does not read from filling the memory (`L11`): it is taken out of its rooms, told so once it has
 * read what it had, and closed when it falls too far behind. The log has everything that it missed.
 *
 * What counts is what has left the process. The engine's own heartbeat would let a tab live that answers pings, or
 * sends pongs that nobody asked for, without reading a thing.
 */
@Injectable()
export class BackPressureService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(BackPressureService.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly connections: Connections,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Only at connections that something waits on: mostly none. */
  private look(now = performance.now()): void {
    const { laggingBytes, laggingMs } = this.config.limits;
    for (const connection of this.connections.unsettled()) {
      const { buffered, behindMs } = connection.unsent(now);
      if (buffered >= laggingBytes * CLOSE_AT_BYTES || behindMs >= laggingMs * CLOSE_AT_TIME) {
        this.close(connection, buffered, behindMs);
      } else if (buffered >= laggingBytes || behindMs >= laggingMs) {
        this.takeOut(connection);
      } else if (buffered === 0) {
        this.connections.settled(connection);
        this.sendLag(connection);
      }
    }
  }

  private takeOut(connection: Connection): void {
    const { socket, lagging } = connection;
    const streams = streamsOf(socket);
    connection.lagging = [...new Set([...lagging, ...streams])];
    // The local adapter leaves at once; there is nothing to wait for.
    for (const stream of streams) void socket.leave(stream);
  }

  private sendLag(connection: Connection): void {
    const { socket, lagging } = connection;
    if (lagging.length === 0) return;
    connection.lagging = [];
    const joined = new Set(streamsOf(socket));
    // A stream that it has subscribed to again by itself needs no word.
    for (const stream of lagging) if (!joined.has(stream)) socket.emit('stream:lagging', { stream });
  }

  /** By its TCP connection: a farewell would only wait behind all that is not read. */
  private close(connection: Connection, buffered: number, behindMs: number): void {
    this.logger.warn({ msg: 'A socket that does not read was closed', buffered, behindMs });
    this.connections.settled(connection);
    connection.destroy();
  }
}
