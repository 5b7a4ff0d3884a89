import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '../../database/database.js';
import { ChatError } from '../../protocol/index.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { Conversation } from './conversation.entity.js';
import { type ConversationRow, conversationOf } from './conversation-row.js';
import { LOCK_CONVERSATION, LOCK_CONVERSATION_OF_MESSAGE } from './conversation.statements.js';
import { Message } from '../messages/message.entity.js';
import { messageOf, type MessageRow } from '../messages/message-row.js';
import { FIND_MESSAGE } from '../messages/message.statements.js';
import { Run } from '../runs/run.entity.js';

/*
 * These functions find something that belongs to the user, or throw `not_found`. What belongs to another user or was
 * deleted is answered exactly like what does not exist (`A3`).
 */

export const notFound = (what: string): ChatError => new ChatError('not_found', `There is no such ${what}.`);

/** Finds a conversation for reading. */
export async function ownConversation(em: EntityManager, userId: string, id: string): Promise<Conversation> {
  const conversation = await em.findOne(Conversation, { id, userId, deletedAt: null });
  if (!conversation) throw notFound('conversation');
  return conversation;
}

/** Finds a conversation for changing: it is locked until the end of the transaction. */
export async function lockConversation(em: EntityManager, userId: string, id: string): Promise<Conversation> {
  const own = { id, userId, deletedAt: null };
  const conversation = await em.findOne(Conversation, own, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!conversation) throw notFound('conversation');
  return conversation;
}

export async function ownMessage(em: EntityManager, userId: string, id: string): Promise<Message> {
  const message = await em.findOne(Message, { id, userId });
  if (!message || !(await isKept(em, message.conversationId))) throw notFound('message');
  return message;
}

export async function ownRun(em: EntityManager, userId: string, id: string): Promise<Run> {
  const run = await em.findOne(Run, { id, userId });
  if (!run || !(await isKept(em, run.conversationId))) throw notFound('run');
  return run;
}

/** Like `lockConversation`, but without the ORM; `undefined` instead of an error. */
export async function lockConversationRow(
  transaction: LogTransaction,
  userId: string,
  id: string,
): Promise<ConversationRow | undefined> {
  const [row] = await transaction.all(LOCK_CONVERSATION, [id, userId]);
  return row && conversationOf(row);
}

/** Locks the conversation of a message, then reads the message. */
export async function lockMessage(
  transaction: LogTransaction,
  userId: string,
  id: string,
): Promise<{ readonly message: MessageRow; readonly conversation: ConversationRow }> {
  const [locked] = await transaction.all(LOCK_CONVERSATION_OF_MESSAGE, [id, userId]);
  const [found] = locked ? await transaction.all(FIND_MESSAGE, [id]) : [];
  if (!locked || !found) throw notFound('message');
  return { conversation: conversationOf(locked), message: messageOf(found) };
}

const isKept = async (em: EntityManager, conversationId: string): Promise<boolean> =>
  (await em.count(Conversation, { id: conversationId, deletedAt: null })) > 0;
