import { defineEntity, p } from '@mikro-orm/core';
import { User } from '../../users/user.entity.js';
import { Conversation } from '../conversations/conversation.entity.js';

const QueuedMessageSchema = defineEntity({
  name: 'QueuedMessage',
  tableName: 'queued_messages',
  indexes: [{ properties: ['conversationId', 'id'] }],
  uniques: [{ properties: ['userId', 'clientMessageId'] }],
  properties: {
    /** Of the message that it becomes; ids are in the order of their making. */
    id: p.uuid().primary(),
    conversationId: () =>
      p.manyToOne(Conversation).mapToPk().fieldName('conversation_id').deleteRule('cascade').index(false),
    userId: () => p.manyToOne(User).mapToPk().fieldName('user_id').deleteRule('cascade').index(false),
    /** Of the run that answers it. */
    runId: p.uuid(),
    clientMessageId: p.uuid(),
    payloadHash: p.string().length(43),
    text: p.text(),
    model: p.string().length(200).nullable(),
    createdAt: p.bigint('number'),
    /** It was taken back. The row stays, without its text: the command that made it must not make it again (`L6`). */
    withdrawnAt: p.bigint('number').nullable(),
  },
});

/** A message that waits until the conversation's reply has ended. */
export class QueuedMessage extends QueuedMessageSchema.class {}
QueuedMessageSchema.setClass(QueuedMessage);
