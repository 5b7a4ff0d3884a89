import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { ChatSocket, SocketSession } from './chat-socket.js';
import { Alarms } from './alarms.js';

/** How long before the expiry of its token a client is warned. */
const WARN_BEFORE_MS = 60_000;
/** How long after the expiry of its token a socket is closed. */
const CLOSE_AFTER_MS = 10_000;

const LOOK_EVERY_MS = 1_000;

/** Closes sockets whose token has expired, after a warning; a new token restarts the time. */
@Injectable()
export class SocketClocks implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly warnings = new Alarms<ChatSocket>();
  private readonly ends = new Alarms<ChatSocket>();
  private timer: NodeJS.Timeout | undefined;

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Starts or restarts the time of a socket. */
  start(socket: ChatSocket, session: SocketSession): void {
    this.stop(socket);
    socket.data.session = session;
    this.warnings.set(socket, session.goodUntil - WARN_BEFORE_MS);
    this.ends.set(socket, session.goodUntil + CLOSE_AFTER_MS);
  }

  stop(socket: ChatSocket): void {
    const { goodUntil } = socket.data.session;
    this.warnings.clear(socket, goodUntil - WARN_BEFORE_MS);
    this.ends.clear(socket, goodUntil + CLOSE_AFTER_MS);
  }

  private look(now = performance.now()): void {
    for (const socket of this.warnings.due(now)) {
      socket.emit('auth:expiring', { expiresAt: socket.data.session.expiresAt });
    }
    for (const socket of this.ends.due(now)) socket.disconnect(true);
  }
}
