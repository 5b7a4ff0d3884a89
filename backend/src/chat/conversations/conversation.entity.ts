import { defineEntity, p } from '@mikro-orm/core';
import type { ConversationSettings } from '../../protocol/index.js';
import { User } from '../../users/user.entity.js';

export const ConversationSchema = defineEntity({
  name: 'Conversation',
  tableName: 'conversations',
  indexes: [{ properties: ['userId', 'updatedAt', 'id'] }, { properties: ['deletedAt'] }],
  properties: {
    id: p.uuid().primary(),
    userId: () => p.manyToOne(User).mapToPk().fieldName('user_id').deleteRule('cascade').index(false),
    title: p.string().length(200),
    /**
     * Where the title comes from. The model replaces only the provisional title, which comes from the first message.
     */
    titleSource: p.string().length(20).$type<'message' | 'model' | 'owner'>(),
    pinned: p.boolean(),
    archived: p.boolean(),
    /** The last message of the branch in view. No foreign key: the two tables would refer to each other. */
    leafId: p.uuid().nullable(),
    settings: p.json<ConversationSettings>().default('{}'),
    inputTokens: p.bigint('number').default(0),
    outputTokens: p.bigint('number').default(0),
    /** In millionths of the configured currency; `null` while no run had a price. */
    costMicros: p.bigint('number').nullable(),
    usageEstimated: p.boolean().default(false),
    /** When the conversation was soft-deleted. Since then it is hidden, and after a while its rows are removed. */
    deletedAt: p.bigint('number').nullable(),
    createdAt: p.bigint('number'),
    updatedAt: p.bigint('number'),
  },
});

/** A tree of messages that belongs to one user. */
export class Conversation extends ConversationSchema.class {}
ConversationSchema.setClass(Conversation);
