import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '../users/principal.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { ChatError, type Command, type SubscribeResult } from '../protocol/index.js';
import { StreamReader } from '../streams/stream-reader.js';
import { BroadcasterService } from './broadcaster.service.js';
import { type ChatSocket, streamsOf } from './chat-socket.js';

/** Which sockets listen to which streams. */
@Injectable()
export class SubscriptionsService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly reader: StreamReader,
    private readonly broadcaster: BroadcasterService,
  ) {}

  /**
   * Joins the room first and reads the log second: what is committed in between arrives twice, never not at all
   * (`L3`).
   * @throws ChatError `not_found`, `rate_limited`
   */
  async subscribe(
    socket: ChatSocket,
    principal: Principal,
    { stream, after }: Command<'stream:subscribe'>,
  ): Promise<SubscribeResult> {
    const streams = streamsOf(socket);
    const wasIn = streams.includes(stream);
    if (!wasIn && streams.length >= this.config.limits.subscriptionsPerSocket) {
      throw new ChatError('rate_limited', 'Too many subscriptions on one connection.');
    }
    // Before anything is read: who may not read must not sit in the room for a moment.
    if (!(await this.reader.mayRead(principal, stream))) throw new ChatError('not_found', 'There is no such stream.');
    await socket.join(stream);
    try {
      const result = await this.reader.subscribe(principal, stream, after);
      this.broadcaster.joined(stream, result.epoch, result.mode === 'events' ? result.head : result.seq);
      return result;
    } catch (error) {
      await socket.leave(stream);
      throw error;
    }
  }

  async unsubscribe(socket: ChatSocket, stream: string): Promise<void> {
    if (streamsOf(socket).includes(stream)) await socket.leave(stream);
  }

  /** Takes a socket out of every room that its user may no longer sit in (`A2`). */
  async review(socket: ChatSocket, principal: Principal): Promise<void> {
    for (const stream of streamsOf(socket)) {
      if (!(await this.reader.mayRead(principal, stream))) await socket.leave(stream);
    }
  }
}
