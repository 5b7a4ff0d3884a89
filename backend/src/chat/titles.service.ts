import { Injectable, Logger } from '@nestjs/common';
import { LanguageModel } from '../models/language-model.js';
import { ModelError } from '../models/model-error.js';
import { Database } from '../database/database.js';
import { conversationStream, userStream } from '../protocol/index.js';
import { EventLog } from '../streams/event-log.js';
import { viewConversation, viewSummary } from './chat.views.js';
import { Conversation } from './conversation.entity.js';
import { readHistory } from './history.js';
import { lockConversation } from './ownership.js';
import { Run } from './run.entity.js';
import type { RunOrder } from './runs.service.js';
import { indexTitle } from './search-index.js';

/** Gives a conversation its title after the first exchange. */
@Injectable()
export class TitlesService {
  private readonly logger = new Logger(TitlesService.name);

  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
    private readonly model: LanguageModel,
  ) {}

  /** Asks the model once the answer is there. Without an answer the provisional title stays. */
  nameAfter(done: Promise<void>, order: RunOrder): void {
    done
      .then(() => this.name(order))
      .catch((error: unknown) => {
        const { conversationId, requestId } = order;
        if (error instanceof ModelError)
          this.logger.warn({ msg: 'No title', conversationId, requestId, code: error.code });
        else this.logger.error({ msg: 'No title', conversationId, requestId, err: error });
      });
  }

  private async name({ conversationId, messageId, model, requestId }: RunOrder): Promise<void> {
    const history = await this.database.read(async (em) => {
      const conversation = await em.findOne(Conversation, { id: conversationId, deletedAt: null });
      return conversation?.titleSource === 'message' ? readHistory(em, conversationId, messageId) : [];
    });
    if (history.length < 2) return;
    const title = await this.model.title({ model, history, requestId, signal: new AbortController().signal });
    if (title !== '') await this.set(conversationId, title);
  }

  private set(conversationId: string, title: string): Promise<void> {
    return this.log.write(async (transaction) => {
      const { em } = transaction;
      const found = await em.findOne(Conversation, { id: conversationId, deletedAt: null });
      if (!found) return;
      const conversation = await lockConversation(em, found.userId, conversationId);
      // The owner may have typed a title meanwhile.
      if (conversation.titleSource !== 'message') return;
      conversation.title = title;
      conversation.titleSource = 'model';
      await indexTitle(em, conversation);
      const running = (await em.count(Run, { conversationId, status: 'running' })) > 0;
      transaction.append(conversationStream(conversationId), {
        type: 'conversation.updated',
        data: viewConversation(conversation),
      });
      transaction.append(userStream(conversation.userId), {
        type: 'conversation.updated',
        data: viewSummary(conversation, running),
      });
    });
  }
}
