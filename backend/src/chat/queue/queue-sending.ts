import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { type ConversationRow, conversationOf } from '../conversations/conversation-row.js';
import { LOCK_KEPT_CONVERSATION } from '../conversations/conversation.statements.js';
import { isDue } from './due-queues.js';
import type { Begun } from '../sending/ask-command.js';
import { writeTurn } from '../sending/turn.js';
import { lockStarts } from '../sending/idempotency.js';
import { takeFromQueue } from './queue.js';
import { FIND_NEXT_QUEUED } from './queue.statements.js';
import type { QueuedMessage } from './queued-message.entity.js';
import type { RunOptions } from '../runs/run-job.js';
import { findBusy, readStanding, type Standing } from '../sending/standing.js';

/** A queued message, with the ids that its sender already has. */
export type Sendable = Pick<QueuedMessage, 'id' | 'runId' | 'clientMessageId' | 'payloadHash' | 'text' | 'model'>;

/** Sends a queued message like a new one, but keeps the ids that were returned when it was queued. */
export async function sendQueued(
  transaction: LogTransaction,
  conversation: ConversationRow,
  standing: Standing,
  queued: Sendable,
  options: RunOptions,
): Promise<Begun> {
  const { id, runId, clientMessageId, payloadHash, text, model } = queued;
  await takeFromQueue(transaction, { id, conversationId: conversation.id });
  const point = { conversation, parentId: conversation.leafId, isNew: false };
  const turn = { messageId: id, runId, clientMessageId, payloadHash, text, model };
  return writeTurn(transaction, point, standing, turn, options);
}

/**
 * Sends the oldest queued message of a conversation, if it is due. Several processes may try at once: under the lock of
 * the conversation, all but one find that it is no longer due.
 */
export async function sendNextOf(
  transaction: LogTransaction,
  conversationId: string,
  options: RunOptions,
): Promise<Begun | undefined> {
  const [locked] = await transaction.all(LOCK_KEPT_CONVERSATION, [conversationId]);
  if (!locked || !(await isDue(transaction, conversationId))) return undefined;
  const conversation = conversationOf(locked);
  await lockStarts(transaction, conversation.userId);
  const standing = await readStanding(transaction, conversation);
  if (findBusy(standing, options.maxRuns)) return undefined;
  const [next] = await transaction.all(FIND_NEXT_QUEUED, [conversationId]);
  if (!next) return undefined;
  const queued: Sendable = {
    id: next['id'] as string,
    runId: next['run_id'] as string,
    clientMessageId: next['client_message_id'] as string,
    payloadHash: next['payload_hash'] as string,
    text: next['text'] as string,
    model: next['model'] as string | null,
  };
  return sendQueued(transaction, conversation, standing, queued, options);
}
