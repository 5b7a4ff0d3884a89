import { defineEntity, p } from '@mikro-orm/core';
import { User } from '../../users/user.entity.js';

export const UsageEntrySchema = defineEntity({
  name: 'UsageEntry',
  tableName: 'usage_entries',
  indexes: [{ properties: ['userId', 'at'] }, { properties: ['at'] }],
  properties: {
    runId: p.uuid().primary(),
    /** `null` once the account is deleted: the totals of the installation stay right, without a name. */
    userId: () => p.manyToOne(User).mapToPk().fieldName('user_id').nullable().deleteRule('set null').index(false),
    model: p.string().length(200),
    at: p.bigint('number'),
    inputTokens: p.integer(),
    outputTokens: p.integer(),
    /** In millionths of the configured currency; `null` when the model had no price. */
    costMicros: p.bigint('number').nullable(),
    estimated: p.boolean(),
  },
});

/** The usage of one run. It stays when the conversation is deleted, because the tokens were paid for. */
export class UsageEntry extends UsageEntrySchema.class {}
UsageEntrySchema.setClass(UsageEntry);
