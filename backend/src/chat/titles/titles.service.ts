import { Injectable, Logger } from '@nestjs/common';
import { LanguageModel } from '../../models/language-model.js';
import { ModelError } from '../../models/model-error.js';
import { Database } from '../../database/database.js';
import { toBoolean } from '../../database/sql/sql-values.js';
import { conversationStream, userStream } from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import { viewConversation, viewSummary } from '../chat.views.js';
import { conversationOf } from '../conversations/conversation-row.js';
import { LOCK_UNTITLED_CONVERSATION, SET_MODEL_TITLE } from '../conversations/conversation.statements.js';
import { IS_ANSWERED, READ_UNTITLED_REPLY } from '../runs/run.statements.js';
import type { RunJob } from '../runs/run-job.js';
import { replaceDocument, titleOf } from '../search/search-index.js';

/** Generates the title of a conversation after its first turn. */
@Injectable()
export class TitlesService {
  private readonly logger = new Logger(TitlesService.name);

  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
    private readonly model: LanguageModel,
  ) {}

  /** Asks the model for a title when the run has ended. The provisional title stays if that fails. Never throws. */
  nameAfter(done: Promise<void>, job: RunJob): void {
    done
      .then(() => this.name(job))
      .catch((error: unknown) => {
        const { conversationId, requestId } = job;
        if (error instanceof ModelError)
          this.logger.warn({ msg: 'No title', conversationId, requestId, code: error.code });
        else this.logger.error({ msg: 'No title', conversationId, requestId, err: error });
      });
  }

  private async name({ conversationId, messageId, model, requestId, history: asked }: RunJob): Promise<void> {
    const [reply] = await this.database.query(READ_UNTITLED_REPLY, [conversationId, messageId]);
    const text = (reply?.['text'] ?? '') as string;
    if (text === '' || asked.length === 0) return;
    const history = [...asked, { role: 'assistant' as const, text }];
    const title = await this.model.title({ model, history, requestId, signal: new AbortController().signal });
    if (title !== '') await this.set(conversationId, title);
  }

  private set(conversationId: string, title: string): Promise<void> {
    return this.log.write(async (transaction) => {
      // In the meantime the owner may have typed a title, or deleted the conversation.
      const [row] = await transaction.all(LOCK_UNTITLED_CONVERSATION, [conversationId]);
      if (!row) return;
      const conversation = { ...conversationOf(row), title };
      await transaction.all(SET_MODEL_TITLE, [conversationId, title]);
      await replaceDocument(transaction, titleOf(conversation));
      const [run] = await transaction.all(IS_ANSWERED, [conversationId]);
      transaction.append(conversationStream(conversationId), {
        type: 'conversation.updated',
        data: viewConversation(conversation),
      });
      transaction.append(userStream(conversation.userId), {
        type: 'conversation.updated',
        data: viewSummary(conversation, toBoolean(run?.['answered'])),
      });
    });
  }
}
