import { defineEntity, p } from '@mikro-orm/core';
import type { Message as MessageView, Rating, RunErrorCode } from '../../protocol/index.js';
import { User } from '../../users/user.entity.js';
import { Conversation } from '../conversations/conversation.entity.js';

export const MessageSchema = defineEntity({
  name: 'Message',
  tableName: 'conversation_history',
  indexes: [{ properties: ['conversationId', 'parentId'] }],
  uniques: [{ properties: ['userId', 'clientMessageId'] }],
  properties: {
    id: p.uuid().primary(),
    conversationId: () =>
      p.manyToOne(Conversation).mapToPk().fieldName('conversation_id').deleteRule('cascade').index(false),
    userId: () => p.manyToOne(User).mapToPk().fieldName('user_id').deleteRule('cascade').index(false),
    /** The message that this one answers or continues; `null` at the root. */
    parentId: p.uuid().nullable(),
    role: p.string().length(20).$type<MessageView['role']>(),
    /** The text of finished runs: while a run streams, its own text is only in the journal. */
    text: p.text(),
    status: p.string().length(20).$type<MessageView['status']>(),
    model: p.string().length(200).nullable(),
    runId: p.uuid().nullable(),
    /** The id of the command that created the message, so that it is not carried out twice (`L6`). */
    clientMessageId: p.uuid().nullable(),
    /** SHA-256 of that command's payload, base64url. */
    payloadHash: p.string().length(43).nullable(),
    inputTokens: p.integer().nullable(),
    outputTokens: p.integer().nullable(),
    costMicros: p.bigint('number').nullable(),
    usageEstimated: p.boolean().default(false),
    rating: p.string().length(10).nullable().$type<Rating | null>(),
    errorCode: p.string().length(40).nullable().$type<RunErrorCode | null>(),
    requestId: p.string().length(100).nullable(),
    createdAt: p.bigint('number'),
  },
});

/** One message of the history. */
export class Message extends MessageSchema.class {}
MessageSchema.setClass(Message);
