import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { telemetry } from '../../telemetry.js';
import { streamsOf } from '../sockets/chat-socket.js';
import type { Connection } from './connections.js';
import { Connections } from './connections.js';

const LOOK_EVERY_MS = 250;
/** A socket is closed at these multiples of the limits at which it is removed from its rooms. */
const CLOSE_AT_BYTES = 8;
const CLOSE_AT_TIME = 2;

/**
 * Keeps a client that does not read from filling the memory (`L11`): its socket is removed from its rooms, is told so
 * once it has read what was sent before, and is closed when it falls too far behind. The log has everything it missed.
 *
 * The measure is the data that have left the process. The heartbeat of Engine.IO is not enough: a client can send pongs
 * without reading anything.
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

  /** Checks the connections with unsent data, of which there are usually none. */
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
    if (lagging.length === 0 && streams.length > 0) telemetry.socketLagged.publish({});
    connection.lagging = [...new Set([...lagging, ...streams])];
    // The local adapter leaves synchronously.
    for (const stream of streams) void socket.leave(stream);
  }

  private sendLag(connection: Connection): void {
    const { socket, lagging } = connection;
    if (lagging.length === 0) return;
    connection.lagging = [];
    const joined = new Set(streamsOf(socket));
    // Streams that the client has subscribed to again are left out.
    for (const stream of lagging) if (!joined.has(stream)) socket.emit('stream:lagging', { stream });
  }

  /** Destroys the TCP connection, because a close frame would only wait behind the unread data. */
  private close(connection: Connection, buffered: number, behindMs: number): void {
    // Otherwise it was counted when it was removed from its rooms.
    if (connection.lagging.length === 0) telemetry.socketLagged.publish({});
    this.logger.warn({ msg: 'A socket that does not read was closed', buffered, behindMs });
    this.connections.settled(connection);
    connection.destroy();
  }
}
