import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '../database/database.js';
import { ChatError } from '../protocol/index.js';
import { Conversation } from './conversation.entity.js';
import { Message } from './message.entity.js';
import { Run } from './run.entity.js';

/*
 * Each of these finds something of the user's own, or throws `not_found`: what belongs to somebody else answers
 * exactly like what does not exist (`A3`), and so does what was deleted.
 */

export const notFound = (what: string): ChatError => new ChatError('not_found', `There is no such ${what}.`);

/** For reading. */
export async function ownConversation(em: EntityManager, userId: string, id: string): Promise<Conversation> {
  const conversation = await em.findOne(Conversation, { id, userId, deletedAt: null });
  if (!conversation) throw notFound('conversation');
  return conversation;
}

/** For changing: nobody else changes the conversation until the transaction ends. */
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

/** For changing, as `lockConversation`; its text and status may have changed while the lock was waited for. */
export async function lockMessage(
  em: EntityManager,
  userId: string,
  id: string,
): Promise<{ readonly message: Message; readonly conversation: Conversation }> {
  const { conversationId } = await ownMessage(em, userId, id);
  const conversation = await lockConversation(em, userId, conversationId);
  return { conversation, message: await em.findOneOrFail(Message, { id }, { refresh: true }) };
}

const isKept = async (em: EntityManager, conversationId: string): Promise<boolean> =>
  (await em.count(Conversation, { id: conversationId, deletedAt: null })) > 0;
