import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { type ChatSocket, streamsOf } from './chat-socket.js';
import { SendQueue } from './send-queue.js';

const LOOK_EVERY_MS = 250;
/** How much further than lagging a socket may fall before it is closed. */
const CLOSE_AT_BYTES = 8;
const CLOSE_AT_TIME = 2;

interface Watched {
  readonly queue: SendQueue;
  /** The streams that it was taken out of. */
  lagging: string[];
}

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
  private readonly watched = new Map<ChatSocket, Watched>();
  private timer: NodeJS.Timeout | undefined;

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  watch(socket: ChatSocket): void {
    const queue = new SendQueue();
    const { conn } = socket;
    conn.on('packetCreate', ({ data }: { data?: unknown }) => queue.add(typeof data === 'string' ? data.length : 1));
    conn.on('flush', () => queue.handOver());
    conn.transport.on('drain', () => queue.drained());
    this.watched.set(socket, { queue, lagging: [] });
    socket.on('disconnect', () => this.watched.delete(socket));
  }

  private look(now = Date.now()): void {
    const { laggingBytes, laggingMs } = this.config.limits;
    for (const [socket, state] of this.watched) {
      const { queue } = state;
      const { buffered } = queue;
      const behindMs = queue.behindMs(now);
      if (buffered >= laggingBytes * CLOSE_AT_BYTES || behindMs >= laggingMs * CLOSE_AT_TIME) {
        this.close(socket, buffered, behindMs);
      } else if (buffered >= laggingBytes || behindMs >= laggingMs) {
        this.takeOut(socket, state);
      } else if (buffered === 0 && state.lagging.length > 0) {
        this.tell(socket, state);
      }
    }
  }

  private takeOut(socket: ChatSocket, state: Watched): void {
    const streams = streamsOf(socket);
    state.lagging = [...new Set([...state.lagging, ...streams])];
    // The local adapter leaves at once; there is nothing to wait for.
    for (const stream of streams) void socket.leave(stream);
  }

  private tell(socket: ChatSocket, state: Watched): void {
    const joined = new Set(streamsOf(socket));
    // A stream that it has subscribed to again by itself needs no word.
    for (const stream of state.lagging) if (!joined.has(stream)) socket.emit('stream:lagging', { stream });
    state.lagging = [];
  }

  /** By its TCP connection: a farewell would only wait behind all that is not read. */
  private close(socket: ChatSocket, buffered: number, behindMs: number): void {
    this.logger.warn({ msg: 'A socket that does not read was closed', buffered, behindMs });
    this.watched.delete(socket);
    socket.request.socket.destroy();
  }
}
