import { LockMode } from '@mikro-orm/core';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { Database } from '../database/database.js';
import { type Conversation as ConversationView, conversationStream, userStream } from '../protocol/index.js';
import { EventLog } from '../streams/event-log.js';
import { dropEvents } from '../streams/stream-tables.js';
import type { Principal } from '../users/principal.js';
import { viewConversation, viewSummary } from './chat.views.js';
import { Conversation } from './conversation.entity.js';
import { DispatchService } from './dispatch.service.js';
import { Draft } from './draft.entity.js';
import { lockConversation, notFound } from './ownership.js';
import { Run } from './run.entity.js';
import { RunsService } from './runs.service.js';

const PURGE_EVERY_MS = 60_000;
const CONVERSATIONS_PER_TURN = 20;

/**
 * Deletes conversations: at once for everybody who asks, for good a while later. Until then its owner may have it
 * back.
 */
@Injectable()
export class DeletionsService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(DeletionsService.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly database: Database,
    private readonly log: EventLog,
    private readonly runs: RunsService,
    private readonly dispatch: DispatchService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.purge();
    this.timer = setInterval(() => {
      this.purge().catch((error: unknown) => {
        this.logger.error({ msg: 'Deleted conversations could not be removed', err: error });
      });
    }, PURGE_EVERY_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Ends what runs in it, then lets it answer like one that does not exist. */
  async delete({ userId }: Principal, id: string): Promise<void> {
    const ended = await this.log.write(async (transaction) => {
      const { em, at } = transaction;
      const conversation = await lockConversation(em, userId, id);
      const running = await em.find(Run, { conversationId: id, status: 'running' }, { fields: ['id'] });
      for (const { id: runId } of running) await this.runs.endWithin(transaction, runId, { status: 'stopped' });
      conversation.deletedAt = at;
      await em.flush();
      // The log is for those who read it: it keeps nothing of what nobody may read.
      const stream = conversationStream(id);
      await dropEvents(em, stream, await transaction.head(stream));
      transaction.append(stream, { type: 'conversation.deleted', data: { id } });
      transaction.append(userStream(userId), { type: 'conversation.deleted', data: { id } });
      return running.map(({ id: runId }) => runId);
    });
    for (const runId of ended) this.runs.abandon(runId);
  }

  /**
   * Takes a deletion back. A conversation that is there already, because somebody pressed twice, stays as it is.
   * @throws ChatError `not_found` when it is too late
   */
  async restore({ userId }: Principal, id: string): Promise<ConversationView> {
    const restored = await this.log.write(async (transaction) => {
      const { em } = transaction;
      const conversation = await em.findOne(Conversation, { id, userId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if (!conversation) throw notFound('conversation');
      const deletedAt = conversation.deletedAt ?? null;
      if (deletedAt === null) return viewConversation(conversation);
      if (deletedAt <= this.keptSince()) throw notFound('conversation');
      conversation.deletedAt = null;
      await em.flush();
      const stream = conversationStream(id);
      // With the event that follows: a cursor from before it leads to a snapshot. The event itself is still told.
      await dropEvents(em, stream, (await transaction.head(stream)) + 1);
      transaction.append(stream, { type: 'conversation.restored', data: { id } });
      transaction.append(userStream(userId), { type: 'conversation.added', data: viewSummary(conversation, false) });
      return viewConversation(conversation);
    });
    // What ran was stopped, and what waited for it waits no longer.
    void this.dispatch.sweep(userId);
    return restored;
  }

  /** Removes for good what was deleted long enough ago, with everything that was said; a short transaction for a few. */
  async purge(): Promise<void> {
    for (let removed = CONVERSATIONS_PER_TURN; removed === CONVERSATIONS_PER_TURN;) {
      removed = await this.database.write(async (em) => {
        const old = await em.find(
          Conversation,
          { deletedAt: { $lte: this.keptSince() } },
          { fields: ['id'], limit: CONVERSATIONS_PER_TURN, lockMode: LockMode.PESSIMISTIC_WRITE },
        );
        const ids = old.map(({ id }) => id);
        await em.nativeDelete(Draft, { place: { $in: ids } });
        await em.nativeDelete(Conversation, { id: { $in: ids } });
        return ids.length;
      });
    }
  }

  private keptSince(): number {
    return Date.now() - this.config.deletedKeepMs;
  }
}
