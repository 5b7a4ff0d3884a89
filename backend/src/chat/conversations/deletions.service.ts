import { LockMode } from '@mikro-orm/core';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { Database } from '../../database/database.js';
import type { Transaction } from '../../database/transactions/transaction.js';
import { type Conversation as ConversationView, conversationStream, userStream } from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { dropEvents } from '../../streams/log/stream-tables.js';
import type { Principal } from '../../common/handlers/principal.js';
import { viewConversation, viewSummary } from '../chat.views.js';
import { Conversation } from './conversation.entity.js';
import { DispatchService } from '../queue/dispatch.service.js';
import { lockConversation, notFound } from './ownership.js';
import {
  FIND_DELETED,
  REMOVE_CONVERSATION,
  REMOVE_DRAFT,
  REMOVE_MESSAGES,
  REMOVE_RUNS,
  REMOVE_WORDS,
} from './purge.statements.js';
import { Run } from '../runs/run.entity.js';
import { RunsService } from '../runs/runs.service.js';

const PURGE_EVERY_MS = 60_000;
const ROWS_PER_STEP = 100;

/**
 * Deletes conversations in two steps: they are hidden at once, and their rows are removed after `deletedKeepMs`. Until
 * then the owner can restore them.
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

  /**
   * Stops the runs of a conversation and hides it.
   * @throws ChatError `not_found`
   */
  async delete({ userId }: Pick<Principal, 'userId'>, id: string): Promise<void> {
    await this.log.write(async (transaction) => {
      await this.deleteWithin(transaction, await lockConversation(transaction.em, userId, id));
    });
  }

  /** Deletes a conversation, which the caller has locked, in the caller's transaction. */
  async deleteWithin(transaction: LogTransaction, conversation: Conversation): Promise<void> {
    const { em, at } = transaction;
    const { id, userId } = conversation;
    const running = await em.find(Run, { conversationId: id, status: 'running' }, { fields: ['id'] });
    for (const { id: runId } of running) await this.runs.endWithin(transaction, runId, { status: 'stopped' });
    conversation.deletedAt = at;
    await em.flush();
    // The events may not be read any longer, so the log does not keep them.
    const stream = conversationStream(id);
    await dropEvents(em, stream, await transaction.head(stream));
    transaction.append(stream, { type: 'conversation.deleted', data: { id } });
    transaction.append(userStream(userId), { type: 'conversation.deleted', data: { id } });
    transaction.onCommitted(() => {
      for (const { id: runId } of running) this.runs.abandon(runId);
    });
  }

  /**
   * Undoes a deletion. A conversation that is not deleted, as after a second click, is returned unchanged.
   * @throws ChatError `not_found`, also when the conversation was deleted too long ago
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
      // Includes the event below, so that an older cursor gets a snapshot. The event itself is still published.
      await dropEvents(em, stream, (await transaction.head(stream)) + 1);
      transaction.append(stream, { type: 'conversation.restored', data: { id } });
      transaction.append(userStream(userId), { type: 'conversation.added', data: viewSummary(conversation, false) });
      return viewConversation(conversation);
    });
    // The runs were stopped by the deletion, so the queued messages are due.
    void this.dispatch.sweep(userId);
    return restored;
  }

  /**
   * Removes the rows of conversations that were deleted long enough ago, in short transactions of a hundred rows each,
   * because a conversation may be long. A conversation stays hidden while its rows are being removed.
   */
  async purge(): Promise<void> {
    const keptSince = this.keptSince();
    while (await this.database.transaction((transaction) => purgeSome(transaction, keptSince), 'upkeep'));
  }

  private keptSince(): number {
    return this.database.clock.now() - this.config.deletedKeepMs;
  }
}

/** Removes some rows. @returns whether there may be more */
async function purgeSome({ all }: Pick<Transaction, 'all'>, deletedBefore: number): Promise<boolean> {
  const [conversation] = await all(FIND_DELETED, [deletedBefore]);
  if (!conversation) return false;
  const id = String(conversation['id']);
  for (const remove of [REMOVE_WORDS, REMOVE_MESSAGES, REMOVE_RUNS]) {
    const removed = await all(remove, [id, ROWS_PER_STEP]);
    if (removed.length > 0) return true;
  }
  await all(REMOVE_DRAFT, [id]);
  await all(REMOVE_CONVERSATION, [id]);
  return true;
}
