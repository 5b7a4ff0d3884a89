import { defineEntity, p } from '@mikro-orm/core';
import { User } from '../../users/user.entity.js';

const UnkeptRunSchema = defineEntity({
  name: 'UnkeptRun',
  tableName: 'unkept_runs',
  properties: {
    id: p.uuid().primary(),
    userId: () => p.manyToOne(User).mapToPk().fieldName('user_id').deleteRule('cascade').index(),
    model: p.string().length(200),
    requestId: p.string().length(100),
    /** What the run is expected to use, for budgets: it counts until the run has ended. */
    reservedTokens: p.bigint('number').defaultRaw('0'),
    reservedMicros: p.bigint('number').defaultRaw('0'),
    /** By the shared clock; a row that is not renewed belongs to a process that has died. */
    leaseUntil: p.bigint('number'),
    createdAt: p.bigint('number'),
    /** What the run has used so far, estimated at each renewal of the lease: it is counted if the process dies. */
    inputTokens: p.integer().default(0),
    outputTokens: p.integer().default(0),
    costMicros: p.bigint('number').nullable(),
  },
});

/**
 * A run in progress whose reply is not kept: it has no conversation and no text. At its end the row is replaced by its
 * usage entry. Removing the row stops the run.
 */
export class UnkeptRun extends UnkeptRunSchema.class {}
UnkeptRunSchema.setClass(UnkeptRun);
