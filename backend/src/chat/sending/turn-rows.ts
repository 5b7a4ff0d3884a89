import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { INSERT_CONVERSATION, SET_LEAF } from '../conversations/conversation.statements.js';
import type { BranchPoint } from './branch-point.js';
import type { IdempotencyKey } from './idempotency.js';
import type { MessageRow } from '../messages/message-row.js';
import { INSERT_QUESTION_AND_REPLY, INSERT_REPLY } from '../messages/message.statements.js';

/** The content of a turn and the command that adds it; missing ids are generated. */
export interface NewTurn extends Pick<IdempotencyKey, 'clientMessageId' | 'payloadHash'> {
  /** The text of the question; missing when an existing question is answered again. */
  readonly text?: string | undefined;
  /** The model that the command names. */
  readonly model?: string | null | undefined;
  /** The id of the question. */
  readonly messageId?: string;
  readonly runId?: string;
}

/**
 * Writes the messages of a turn, makes the reply the leaf of the branch in view, and inserts a new conversation. The
 * idempotency key is stored with the message that the command creates: the question if there is one, else the reply.
 */
export async function addMessages(
  transaction: LogTransaction,
  { conversation, parentId, isNew }: BranchPoint,
  {
    text,
    runId,
    model,
    clientMessageId,
    payloadHash,
    messageId,
  }: NewTurn & { readonly runId: string; readonly model: string },
): Promise<[question: MessageRow | undefined, reply: MessageRow]> {
  // Times never go back, even if the clock does, because siblings are ordered by time.
  const at = isNew ? transaction.at : Math.max(transaction.at, conversation.updatedAt + 1);
  const { id: conversationId, userId, title, settings } = conversation;
  const created = { ...NOTHING_YET, conversationId, userId, runId, createdAt: at };
  const questionId = messageId ?? transaction.newId();
  const replyId = transaction.newId();
  if (isNew) {
    const row = [conversationId, userId, title, replyId, JSON.stringify(settings), at];
    await transaction.all(INSERT_CONVERSATION, row);
  } else {
    await transaction.all(SET_LEAF, [conversationId, replyId, at]);
  }
  const row = [replyId, conversationId, userId, parentId, model, runId, clientMessageId, payloadHash, at];
  const reply = { ...created, id: replyId, role: 'assistant', text: '', status: 'streaming', model } as const;
  if (text === undefined) {
    await transaction.all(INSERT_REPLY, row);
    return [undefined, { ...reply, parentId, clientMessageId }];
  }
  await transaction.all(INSERT_QUESTION_AND_REPLY, [...row, questionId, text]);
  const asked = { ...created, id: questionId, parentId, clientMessageId, text };
  return [
    { ...asked, role: 'user', status: 'completed' },
    { ...reply, parentId: questionId },
  ];
}

const NOTHING_YET = {
  model: null,
  clientMessageId: null,
  inputTokens: null,
  outputTokens: null,
  costMicros: null,
  usageEstimated: false,
  rating: null,
  errorCode: null,
  requestId: null,
} satisfies Partial<MessageRow>;
