import { defineEntity, p } from '@mikro-orm/core';
import { User } from '../../users/user.entity.js';
import { Conversation } from '../conversations/conversation.entity.js';

const QueuedMessageSchema = defineEntity({
  name: 'QueuedMessage',
  tableName: 'queued_messages',
  indexes: [{ properties: ['conversationId', 'id'] }],
  uniques: [{ properties: ['userId', 'clientMessageId'] }],
  properties: {
    /** The id that the message keeps when it is sent; ids are in sending order. */
    id: p.uuid().primary(),
    conversationId: () =>
      p.manyToOne(Conversation).mapToPk().fieldName('conversation_id').deleteRule('cascade').index(false),
    userId: () => p.manyToOne(User).mapToPk().fieldName('user_id').deleteRule('cascade').index(false),
    /** The id of the run that will answer it. */
    runId: p.uuid(),
    clientMessageId: p.uuid(),
    payloadHash: p.string().length(43),
    text: p.text(),
    model: p.string().length(200).nullable(),
    createdAt: p.bigint('number'),
    /**
     * When its author removed it. The row stays, without its text, so that a repeated command does not add it again
     * (`L6`).
     */
    withdrawnAt: p.bigint('number').nullable(),
  },
});

/** A message that is sent when the running reply of its conversation has ended. */
export class QueuedMessage extends QueuedMessageSchema.class {}
QueuedMessageSchema.setClass(QueuedMessage);
