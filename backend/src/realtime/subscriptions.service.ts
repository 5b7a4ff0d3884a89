import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '../common/handlers/principal.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { ChatError, type Command, isRetryable, type SubscribeResult } from '../protocol/index.js';
import { telemetry } from '../telemetry.js';
import { StreamReader } from '../streams/log/stream-reader.js';
import { BroadcasterService } from './delivery/broadcaster.service.js';
import { type ChatSocket, streamsOf } from './sockets/chat-socket.js';

/** The subscription of a socket to a stream, from its first attempt until it leaves; attempts may overlap. */
interface Wish {
  /** The newest attempt. */
  newest: symbol;
}

/** Subscribes sockets to streams, and removes them. */
@Injectable()
export class SubscriptionsService {
  /**
   * Sockets that have subscribed since their last revalidation: their user's role may have changed before that (`A2`).
   */
  private pending = new Set<ChatSocket>();
  /** The wanted subscriptions, by socket and stream. */
  private readonly wishes = new WeakMap<ChatSocket, Map<string, Wish>>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly reader: StreamReader,
    private readonly broadcaster: BroadcasterService,
  ) {}

  /**
   * Joins first and reads the log second (`L3`): events that are committed in between are held back until the
   * permission is checked, and are then sent. They may arrive twice, but are never missed.
   *
   * A tab whose attempt has timed out tries again, while the old attempt may still succeed or fail much later. Any
   * attempt may join the room, but only the newest one leaves it, when it fails with an error that is not retryable:
   * otherwise a late failure would leave a tab that has joined without events.
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
      if (after) telemetry.resubscribed.publish({ reason: result.mode === 'events' ? 'replay' : 'snapshot' });
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

  /** Removes a socket from all rooms whose streams its user may no longer read (`A2`). */
  async revalidate(socket: ChatSocket, principal: Principal): Promise<void> {
    socket.data.role = principal.role;
    for (const stream of streamsOf(socket)) {
      if (!(await this.reader.mayRead(principal, stream))) await socket.leave(stream);
    }
  }

  /** Schedules a revalidation: the row that the socket was accepted by may be older than the last revalidation. */
  toRevalidate(socket: ChatSocket): void {
    this.pending.add(socket);
  }

  /** Forgets a closed socket. */
  ended(socket: ChatSocket): void {
    this.pending.delete(socket);
  }

  /** The sockets that were accepted or have subscribed since the last call. */
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

  /** Whether the tab has not left the stream in the meantime. */
  private isWanted(socket: ChatSocket, stream: string, wish: Wish): boolean {
    return this.wishes.get(socket)?.get(stream) === wish;
  }

  private granted(socket: ChatSocket, { role }: Principal): void {
    if (socket.data.role !== role) socket.data.role = undefined;
    this.toRevalidate(socket);
  }
}
