import { v7 as uuidv7 } from 'uuid';
import type { EntityManager } from '../../database/database.js';
import {
  ChatError,
  type Command,
  conversationStream,
  MAX_QUEUE_LENGTH,
  type QueuedMessage as QueuedMessageView,
} from '../../protocol/index.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import type { Conversation } from '../conversations/conversation.entity.js';
import type { Begun } from '../sending/ask-command.js';
import type { IdempotencyKey } from '../sending/idempotency.js';
import { lockConversation, notFound } from '../conversations/ownership.js';
import { REMOVE_QUEUED } from './queue.statements.js';
import { QueuedMessage } from './queued-message.entity.js';

/** The queued messages of a conversation, in sending order. */
export const readQueue = (em: EntityManager, conversationId: string): Promise<QueuedMessage[]> =>
  em.find(QueuedMessage, { conversationId, withdrawnAt: null }, { orderBy: { id: 'asc' } });

type QueuedColumns = Pick<QueuedMessage, 'id' | 'clientMessageId' | 'text' | 'model' | 'createdAt'>;

export function viewQueued({ id, clientMessageId, text, model, createdAt }: QueuedColumns): QueuedMessageView {
  return { id, clientMessageId, text, ...(model && { model }), createdAt };
}

/**
 * Adds a message at the end of the queue; the conversation must be locked. The returned ids stay the same when the
 * message is sent.
 * @throws ChatError `rate_limited` when the queue is full
 */
export async function addToQueue(
  transaction: LogTransaction,
  conversation: Pick<Conversation, 'id' | 'userId'>,
  key: IdempotencyKey,
  { text, model }: Pick<Command<'message:send'>, 'text' | 'model'>,
): Promise<Begun> {
  const { em, at } = transaction;
  const queue = await readQueue(em, conversation.id);
  if (queue.length >= MAX_QUEUE_LENGTH) {
    throw new ChatError('rate_limited', `Only ${MAX_QUEUE_LENGTH} messages may wait in a conversation.`, {
      retryAfterMs: 5_000,
    });
  }
  const queued = em.create(QueuedMessage, {
    id: idAfter(queue.at(-1)?.id, transaction.newId()),
    conversationId: conversation.id,
    userId: conversation.userId,
    runId: uuidv7(),
    clientMessageId: key.clientMessageId,
    payloadHash: key.payloadHash,
    text,
    model: model ?? null,
    createdAt: at,
    withdrawnAt: null,
  });
  const position = transaction.append(conversationStream(conversation.id), {
    type: 'queue.added',
    data: { message: viewQueued(queued) },
  });
  return { duplicate: false, messageId: queued.id, runId: queued.runId, position, queued: true };
}

/** An id greater than `last`, which another process may have generated: ids must be in the order of the events. */
function idAfter(last: string | undefined, id: string): string {
  if (last === undefined || last < id) return id;
  const msecs = Number.parseInt(last.replaceAll('-', '').slice(0, 12), 16) + 1;
  return uuidv7({ msecs });
}

/** Removes a message that is being sent. Its idempotency key is stored with the new row of the message from now on. */
export async function takeFromQueue(
  transaction: LogTransaction,
  queued: Pick<QueuedMessage, 'id' | 'conversationId'>,
): Promise<void> {
  await transaction.all(REMOVE_QUEUED, [queued.id]);
  appendRemoved(transaction, queued);
}

/** Marks a message that its author removed from the queue. */
export function withdraw(transaction: LogTransaction, queued: QueuedMessage): void {
  queued.withdrawnAt = transaction.at;
  queued.text = '';
  appendRemoved(transaction, queued);
}

function appendRemoved(transaction: LogTransaction, queued: Pick<QueuedMessage, 'id' | 'conversationId'>): void {
  transaction.append(conversationStream(queued.conversationId), {
    type: 'queue.removed',
    data: { messageId: queued.id },
  });
}

/**
 * Finds a queued message of the user and locks its conversation, for changing it.
 * @throws ChatError `not_found`, also when the message was sent or removed while waiting for the lock
 */
export async function lockQueued(
  em: EntityManager,
  userId: string,
  id: string,
): Promise<{ readonly queued: QueuedMessage; readonly conversation: Conversation }> {
  const found = await em.findOne(QueuedMessage, { id, userId, withdrawnAt: null });
  if (!found) throw notFound('message');
  const conversation = await lockConversation(em, userId, found.conversationId);
  const queued = await em.findOne(QueuedMessage, { id }, { refresh: true });
  if (!queued || typeof queued.withdrawnAt === 'number') throw notFound('message');
  return { queued, conversation };
}
