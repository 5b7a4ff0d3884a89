import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { Caller, Principal } from '../../common/handlers/principal.js';
import { Database, type EntityManager } from '../../database/database.js';
import { LanguageModel } from '../../models/language-model.js';
import {
  type BranchMessage,
  type Command,
  type Conversation as ConversationView,
  conversationStream,
  type FoundConversation,
  type Page,
  userStream,
} from '../../protocol/index.js';
import type { RunsStatements } from '../../database/transactions/transaction.js';
import { EventLog } from '../../streams/log/event-log.js';
import { type TextOf, textReader } from '../../streams/journal/journal-tables.js';
import { LiveDeltas } from '../../streams/journal/live-deltas.js';
import { newestLeaf, readBranch } from '../messages/branch.js';
import { branchChange } from '../messages/branch-change.js';
import { viewConversation, viewSummary } from '../chat.views.js';
import { type ConversationQuery, findConversations } from '../search/conversation-search.js';
import { Message } from '../messages/message.entity.js';
import { READ_REFUSED } from '../../team/models/model-access.statements.js';
import { refuseForbidden, refuseUnknownSettings } from '../sending/model-choice.js';
import { lockConversation, notFound, ownConversation, ownMessage } from './ownership.js';
import { Run } from '../runs/run.entity.js';
import { replaceDocument, titleOf } from '../search/search-index.js';

type Changes = Omit<Command<'conversation:update'>, 'conversationId'>;

/** The conversations of a user. A conversation of another user is `not_found`. */
@Injectable()
export class ConversationsService {
  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
    private readonly model: LanguageModel,
    private readonly live: LiveDeltas,
  ) {}

  /** One page of the list, the most recently used first; `q` searches titles and texts. */
  list({ userId }: Caller, query: ConversationQuery): Promise<Page<FoundConversation>> {
    return findConversations((work) => this.database.readAside(work, { isLong: query.q !== undefined }), userId, query);
  }

  get({ userId }: Caller, id: string): Promise<ConversationView> {
    return this.database.read(async (em) => viewConversation(await ownConversation(em, userId, id)));
  }

  /**
   * The messages before `before` in its branch, oldest first; without `before`, the last ones of the branch in view.
   */
  async messages(
    { userId }: Caller,
    id: string,
    before: string | undefined,
    limit: number,
  ): Promise<Page<BranchMessage>> {
    const read = async (
      em: EntityManager,
      statements: RunsStatements,
      textOf: TextOf,
    ): Promise<Page<BranchMessage>> => {
      const leafId = await this.pageEnd(em, userId, id, before);
      const { messages, hasMore } = await readBranch(statements, id, leafId, limit, textOf);
      return { items: messages, nextCursor: hasMore ? (messages[0]?.id ?? null) : null };
    };
    const page = await this.database.readAside((em, statements) => read(em, statements, () => Promise.resolve('')));
    if (!page.items.some(({ status }) => status === 'streaming')) return page;
    // The text of a streaming reply is in the journal, which is read in a transaction of the main connection.
    return this.database.reading((transaction) =>
      read(transaction.em, transaction, textReader(transaction, this.live)),
    );
  }

  /**
   * Changes title, pin, archive, settings or the branch in view. Without a real change there is no event.
   * @throws ChatError `not_found` for a conversation of another user, or a `leafId` that is not in it; `bad_request`
   * for a model that is not offered; `forbidden` for one that the user may not ask
   */
  async update({ userId }: Principal, id: string, changes: Changes): Promise<ConversationView> {
    refuseUnknownSettings(changes.settings, this.model.allowed);
    return this.log.write(async (transaction) => {
      const { em } = transaction;
      const conversation = await lockConversation(em, userId, id);
      if (changes.settings?.model !== undefined) {
        const refused = await transaction.all(READ_REFUSED, [userId]);
        refuseForbidden(
          [changes.settings.model],
          refused.map(({ model }) => String(model)),
        );
      }
      const { title, pinned, archived, leafId, settings } = changes;
      const before = viewConversation(conversation);
      const leafBefore = conversation.leafId ?? null;
      if (title !== undefined) {
        Object.assign(conversation, { title, titleSource: 'owner' });
        await replaceDocument(transaction, titleOf(conversation));
      }
      if (pinned !== undefined) conversation.pinned = pinned;
      if (archived !== undefined) conversation.archived = archived;
      if (settings !== undefined) conversation.settings = settings;
      if (leafId !== undefined) {
        if (!(await em.findOne(Message, { id: leafId, conversationId: id }))) throw notFound('message');
        conversation.leafId = await newestLeaf(em, id, leafId);
      }
      const view = viewConversation(conversation);
      if (isDeepStrictEqual(view, before)) return view;
      const isOtherBranch = conversation.leafId !== leafBefore;
      const branch = isOtherBranch
        ? await branchChange(transaction, conversation, leafBefore, transaction.textOf)
        : undefined;
      const running = (await em.count(Run, { conversationId: id, status: 'running' })) > 0;
      transaction.append(conversationStream(id), {
        type: 'conversation.updated',
        data: { ...view, ...(branch && { branch }) },
      });
      transaction.append(userStream(userId), {
        type: 'conversation.updated',
        data: viewSummary(conversation, running),
      });
      return view;
    });
  }

  /** The id of the last message of a page; `null` when the page is empty. */
  private async pageEnd(
    em: EntityManager,
    userId: string,
    id: string,
    before: string | undefined,
  ): Promise<string | null> {
    const conversation = await ownConversation(em, userId, id);
    if (before === undefined) return conversation.leafId ?? null;
    const message = await ownMessage(em, userId, before);
    if (message.conversationId !== id) throw notFound('message');
    return message.parentId ?? null;
  }
}
