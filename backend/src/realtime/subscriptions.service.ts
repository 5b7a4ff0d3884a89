import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '../common/handlers/principal.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { ChatError, type Command, isRetryable, type SubscribeResult } from '../protocol/index.js';
import { StreamReader } from '../streams/log/stream-reader.js';
import { BroadcasterService } from './delivery/broadcaster.service.js';
import { type ChatSocket, streamsOf } from './sockets/chat-socket.js';

/** What a socket wants of a stream until it leaves it; it may ask several times at once. */
interface Wish {
  /** The newest attempt. */
  newest: symbol;
}

/** Which sockets listen to which streams. */
@Injectable()
export class SubscriptionsService {
  /** Sockets that have subscribed since they were reviewed last: who they are may have changed meanwhile (`A2`). */
  private pending = new Set<ChatSocket>();
  /** By socket and stream: the subscriptions since the tab left the stream last. */
  private readonly wishes = new WeakMap<ChatSocket, Map<string, Wish>>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly reader: StreamReader,
    private readonly broadcaster: BroadcasterService,
  ) {}

  /**
   * Listens first and reads the log second: what is committed in between is held back until it is known whether the
   * reader may have it, and handed over then. It arrives twice, never not at all (`L3`).
   *
   * A tab that has waited too long asks again, and what it no longer waits for may still come, or fail, much later. Any
   * attempt may let it in, and only the newest may take it out, where it is refused for good: a tab that has been let in and
   * hears of a failure afterwards, of whichever attempt, must not be left in silence.
   * @throws ChatError `not_found`, `rate_limited`
   */
  async subscribe(
    socket: ChatSocket,
    principal: Principal,
    { stream, after }: Command<'stream:subscribe'>,
  ): Promise<SubscribeResult> {
    const streams = streamsOf(socket);
    if (!streams.includes(stream) && streams.length >= this.config.limits.subscriptionsPerSocket) {
      throw new ChatError('rate_limited', 'Too many subscriptions on one connection.');
    }
    const attempt = Symbol(stream);
    const wish = this.wish(socket, stream, attempt);
    const joining = this.broadcaster.join(stream);
    try {
      const result = await this.reader.subscribe(principal, stream, after);
      if (socket.connected && this.isWanted(socket, stream, wish)) {
        joining.finish(socket, result.epoch, result.mode === 'events' ? result.head : result.seq);
        this.granted(socket, principal);
      }
      return result;
    } catch (error) {
      const isRefused = error instanceof ChatError && !isRetryable(error.code);
      if (isRefused && wish.newest === attempt && this.isWanted(socket, stream, wish)) {
        await this.unsubscribe(socket, stream);
      }
      throw error;
    } finally {
      joining[Symbol.dispose]();
    }
  }

  async unsubscribe(socket: ChatSocket, stream: string): Promise<void> {
    this.wishes.get(socket)?.delete(stream);
    if (streamsOf(socket).includes(stream)) await socket.leave(stream);
  }

  /** Takes a socket out of every room that its user may no longer sit in (`A2`). */
  async revalidate(socket: ChatSocket, principal: Principal): Promise<void> {
    socket.data.role = principal.role;
    for (const stream of streamsOf(socket)) {
      if (!(await this.reader.mayRead(principal, stream))) await socket.leave(stream);
    }
  }

  /** The row that let the socket in, or its subscription, may be an older one than that of the last revalidation. */
  toRevalidate(socket: ChatSocket): void {
    this.pending.add(socket);
  }

  /** The socket is closed. */
  ended(socket: ChatSocket): void {
    this.pending.delete(socket);
  }

  /** Those that were given anything since the last call. */
  takePending(): Iterable<ChatSocket> {
    const sockets = this.pending;
    this.pending = new Set();
    return sockets;
  }

  private wish(socket: ChatSocket, stream: string, newest: symbol): Wish {
    const byStream = this.wishes.get(socket) ?? new Map<string, Wish>();
    this.wishes.set(socket, byStream);
    const wish = byStream.get(stream) ?? { newest };
    wish.newest = newest;
    byStream.set(stream, wish);
    return wish;
  }

  /** Whether the tab has not left the stream since. */
  private isWanted(socket: ChatSocket, stream: string, wish: Wish): boolean {
    return this.wishes.get(socket)?.get(stream) === wish;
  }

  private granted(socket: ChatSocket, { role }: Principal): void {
    if (socket.data.role !== role) socket.data.role = undefined;
    this.toRevalidate(socket);
  }
}
