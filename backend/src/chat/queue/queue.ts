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

/** What waits in a conversation, in the order in which it will be sent. */
export const readQueue = (em: EntityManager, conversationId: string): Promise<QueuedMessage[]> =>
  em.find(QueuedMessage, { conversationId, withdrawnAt: null }, { orderBy: { id: 'asc' } });

type QueuedColumns = Pick<QueuedMessage, 'id' | 'clientMessageId' | 'text' | 'model' | 'createdAt'>;

export function viewQueued({ id, clientMessageId, text, model, createdAt }: QueuedColumns): QueuedMessageView {
  return { id, clientMessageId, text, ...(model && { model }), createdAt };
}

/**
 * Puts a message at the end of the queue, under the conversation's lock. It has its ids from now on.
 * @throws ChatError `rate_limited` when too many wait already
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

/** Another process may have made the last one in the same moment; the order of the ids must be that of the events. */
function idAfter(last: string | undefined, id: string): string {
  if (last === undefined || last < id) return id;
  const msecs = Number.parseInt(last.replaceAll('-', '').slice(0, 12), 16) + 1;
  return uuidv7({ msecs });
}

/** It is sent: from now on the message itself remembers the command. */
export async function takeFromQueue(
  transaction: LogTransaction,
  queued: Pick<QueuedMessage, 'id' | 'conversationId'>,
): Promise<void> {
  await transaction.all(REMOVE_QUEUED, [queued.id]);
  tellRemoved(transaction, queued);
}

/** Its author takes it back. */
export function withdraw(transaction: LogTransaction, queued: QueuedMessage): void {
  queued.withdrawnAt = transaction.at;
  queued.text = '';
  tellRemoved(transaction, queued);
}

function tellRemoved(transaction: LogTransaction, queued: Pick<QueuedMessage, 'id' | 'conversationId'>): void {
  transaction.append(conversationStream(queued.conversationId), {
    type: 'queue.removed',
    data: { messageId: queued.id },
  });
}

/**
 * Something of the user's own that waits, and its conversation, for changing.
 * @throws ChatError `not_found`, also when it was sent or taken back meanwhile
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
