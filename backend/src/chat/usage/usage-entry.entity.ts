import { defineEntity, p } from '@mikro-orm/core';
import type { FinalStatus, RunErrorCode } from '../../protocol/index.js';
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
    /** How the run ended; `null` for runs of versions that did not store it. */
    status: p.string().length(20).nullable().$type<FinalStatus | null>(),
    failure: p.string().length(40).nullable().$type<RunErrorCode | null>(),
    /** From the call of the model until its first text; `null` without text, or when another process ended the run. */
    firstTokenMs: p.integer().nullable(),
  },
});

/**
 * The usage of one run, which is 0 when it failed or was stopped before its first text. It stays when the conversation is
 * deleted, because the tokens were paid for.
 */
export class UsageEntry extends UsageEntrySchema.class {}
UsageEntrySchema.setClass(UsageEntry);
