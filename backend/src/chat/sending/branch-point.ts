import { toBoolean } from '../../database/sql/sql-values.js';
import { ChatError, type Command, conversationStream } from '../../protocol/index.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import type { ConversationRow } from '../conversations/conversation-row.js';
import { IS_CONVERSATION_TAKEN } from '../conversations/conversation.statements.js';
import type { TurnCommand } from './ask-command.js';
import { LOCK_NAME } from './idempotency.statements.js';
import { FIND_ROLE } from '../messages/message.statements.js';
import { lockConversationRow, lockMessage, notFound } from '../conversations/ownership.js';
import { personalSettings } from './personal-settings.js';
import { provisionalTitle } from '../titles/provisional-title.js';

/** The place of a turn in the message tree. */
export interface BranchPoint {
  readonly conversation: ConversationRow;
  readonly parentId: string | null;
  /** Whether the turn starts the conversation, which has no row yet. */
  readonly isNew: boolean;
}

/**
 * Locks the conversation and finds the branch point.
 * @throws ChatError `not_found`, or `bad_request` when the message is of the wrong kind
 */
export async function findBranchPoint(
  transaction: LogTransaction,
  userId: string,
  { name, command }: TurnCommand,
): Promise<BranchPoint> {
  if (name === 'message:send') return branchPointOfSend(transaction, userId, command);
  const { conversation, message } = await lockMessage(transaction, userId, command.messageId);
  const isOwnText = message.role === 'user';
  if (isOwnText !== (name === 'message:edit')) {
    const sentence = isOwnText ? 'messageId: names no reply' : 'messageId: names no message of yours';
    throw new ChatError('bad_request', sentence);
  }
  return { conversation, parentId: message.parentId, isNew: false };
}

async function branchPointOfSend(
  transaction: LogTransaction,
  userId: string,
  command: Command<'message:send'>,
): Promise<BranchPoint> {
  const { conversationId, parentId } = command;
  const conversation =
    (await lockConversationRow(transaction, userId, conversationId)) ??
    (await lockBegun(transaction, userId, conversationId));
  if (!conversation) return branchPointOfFirst(transaction, userId, command);
  if (parentId === undefined) return { conversation, parentId: conversation.leafId, isNew: false };
  const [parent] = await transaction.all(FIND_ROLE, [parentId, conversationId]);
  if (!parent) throw notFound('message');
  if (parent['role'] !== 'assistant') throw new ChatError('bad_request', 'parentId: names no reply');
  return { conversation, parentId, isNew: false };
}

/**
 * A conversation without a row cannot be locked, and two tabs may start it at once. So both lock its name, and the
 * second tab then finds the row of the first. On SQLite every write transaction has locked the whole database anyway.
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

/** The branch point of a new conversation. The id comes from the client, so it must not be in use. */
async function branchPointOfFirst(
  transaction: LogTransaction,
  userId: string,
  { conversationId: id, text, parentId, settings = {} }: Command<'message:send'>,
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
    settings: { ...(await personalSettings(transaction, userId)), ...settings },
    inputTokens: 0,
    outputTokens: 0,
    costMicros: null,
    usageEstimated: false,
    createdAt: transaction.at,
    updatedAt: transaction.at,
  };
  return { conversation, parentId: null, isNew: true };
}
