import type { LogTransaction } from '../streams/log-transaction.js';
import type { Conversation } from './conversation.entity.js';
import { type Exchange, writeExchange } from './exchange.js';
import { takeFromQueue } from './queue.js';
import type { QueuedMessage } from './queued-message.entity.js';
import type { RunOptions } from './run-start.js';

/** Sends a message that waits, as if it had just been typed, with the ids that it was promised. */
export function sendQueued(
  transaction: LogTransaction,
  conversation: Conversation,
  queued: QueuedMessage,
  options: RunOptions,
): Promise<Exchange> {
  takeFromQueue(transaction, queued);
  const { id: messageId, runId, clientMessageId, payloadHash, text, model } = queued;
  const place = { conversation, parentId: conversation.leafId ?? null, text, isNew: false };
  return writeExchange(
    transaction,
    place,
    { messageId, runId, clientMessageId, payloadHash },
    {
      ...options,
      model: model ?? null,
    },
  );
}
