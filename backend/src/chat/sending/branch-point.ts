import { toBoolean } from '../../database/sql/sql-values.js';
import { ChatError, type ConversationSettings, conversationStream } from '../../protocol/index.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import type { ConversationRow } from '../conversations/conversation-row.js';
import { IS_CONVERSATION_TAKEN } from '../conversations/conversation.statements.js';
import { LOCK_NAME } from './idempotency.statements.js';
import { FIND_ROLE } from '../messages/message.statements.js';
import { lockConversationRow, lockMessage, notFound } from '../conversations/ownership.js';
import { provisionalTitle } from '../titles/provisional-title.js';

/** What is asked, and where in the tree the answer belongs. */
export type Question =
  | {
      readonly kind: 'send';
      readonly conversationId: string;
      readonly text: string;
      readonly parentId: string | undefined;
      /** Of the conversation, where it begins here. */
      readonly settings?: ConversationSettings | undefined;
      /** Rather than being refused while the conversation is being answered. */
      readonly mayWait: boolean;
    }
  | { readonly kind: 'edit'; readonly messageId: string; readonly text: string }
  | { readonly kind: 'regenerate'; readonly messageId: string };

/** Where in the tree a turn goes. */
export interface BranchPoint {
  readonly conversation: ConversationRow;
  readonly parentId: string | null;
  /** Missing when a question that stands already is answered anew. */
  readonly text?: string;
  readonly isNew: boolean;
}

/**
 * Finds the point under the conversation's lock. A conversation that begins there has no row yet.
 * @throws ChatError `not_found`, or `bad_request` when the message is of the wrong kind
 */
export async function findBranchPoint(
  transaction: LogTransaction,
  userId: string,
  question: Question,
): Promise<BranchPoint> {
  if (question.kind === 'send') return branchPointOfSend(transaction, userId, question);
  const { conversation, message } = await lockMessage(transaction, userId, question.messageId);
  const isOwnText = message.role === 'user';
  if (isOwnText !== (question.kind === 'edit')) {
    const sentence = isOwnText ? 'messageId: names no reply' : 'messageId: names no message of yours';
    throw new ChatError('bad_request', sentence);
  }
  const point = { conversation, parentId: message.parentId, isNew: false };
  return question.kind === 'edit' ? { ...point, text: question.text } : point;
}

async function branchPointOfSend(
  transaction: LogTransaction,
  userId: string,
  question: Extract<Question, { kind: 'send' }>,
): Promise<BranchPoint> {
  const { conversationId, text, parentId } = question;
  const conversation =
    (await lockConversationRow(transaction, userId, conversationId)) ??
    (await lockBegun(transaction, userId, conversationId));
  if (!conversation) return branchPointOfFirst(transaction, userId, question);
  if (parentId === undefined) return { conversation, parentId: conversation.leafId, text, isNew: false };
  const [parent] = await transaction.all(FIND_ROLE, [parentId, conversationId]);
  if (!parent) throw notFound('message');
  if (parent['role'] !== 'assistant') throw new ChatError('bad_request', 'parentId: names no reply');
  return { conversation, parentId, text, isNew: false };
}

/**
 * Where there is no row there is nothing to lock, and two tabs may begin the same conversation at once: they take turns
 * by its id, and the second finds what the first has begun. On SQLite a transaction has locked everything.
 */
async function lockBegun(
  transaction: LogTransaction,
  userId: string,
  id: string,
): Promise<ConversationRow | undefined> {
  if (transaction.kind === 'sqlite') return undefined;
  await transaction.all(LOCK_NAME, [conversationStream(id)]);
  return lockConversationRow(transaction, userId, id);
}

/** The client makes the id: it must not be that of anything else. */
async function branchPointOfFirst(
  transaction: LogTransaction,
  userId: string,
  { conversationId: id, text, parentId, settings = {} }: Extract<Question, { kind: 'send' }>,
): Promise<BranchPoint> {
  const [found] = await transaction.all(IS_CONVERSATION_TAKEN, [id, conversationStream(id)]);
  if (toBoolean(found?.['taken']) || parentId !== undefined) throw notFound('conversation');
  const conversation: ConversationRow = {
    id,
    userId,
    title: provisionalTitle(text),
    titleSource: 'message',
    pinned: false,
    archived: false,
    leafId: null,
    settings,
    inputTokens: 0,
    outputTokens: 0,
    costMicros: null,
    usageEstimated: false,
    createdAt: transaction.at,
    updatedAt: transaction.at,
  };
  return { conversation, parentId: null, text, isNew: true };
}
