import { defineEntity, p } from '@mikro-orm/core';
import type { RunStatus } from '../../protocol/index.js';
import { User } from '../../users/user.entity.js';
import { Conversation } from '../conversations/conversation.entity.js';

export const RunSchema = defineEntity({
  name: 'Run',
  tableName: 'runs',
  indexes: [{ properties: ['status', 'leaseUntil'] }, { properties: ['journal', 'journalRun'] }],
  uniques: [{ properties: ['userId', 'clientMessageId'] }],
  properties: {
    id: p.uuid().primary(),
    conversationId: () =>
      p.manyToOne(Conversation).mapToPk().fieldName('conversation_id').deleteRule('cascade').index(),
    userId: () => p.manyToOne(User).mapToPk().fieldName('user_id').deleteRule('cascade').index(),
    /** The reply that the run writes. */
    messageId: p.uuid(),
    status: p.string().length(20).$type<RunStatus>(),
    model: p.string().length(200),
    /**
     * The fencing token: the end of the run and a restored backup increase it, and older fences may not write (`L7`).
     */
    fence: p.integer(),
    /** The process that owns the run. */
    ownerId: p.uuid(),
    /** By the database's clock: after this time any process may end the run. */
    leaseUntil: p.bigint('number'),
    /**
     * The number of the run's first event in the conversation's stream; events from there on are kept while it runs.
     */
    firstSeq: p.bigint('number'),
    /** The process whose rows in the journal have the run's deltas, and the first of these rows. */
    journal: p.integer().default(0),
    journalFrom: p.bigint('number').default(0),
    /** The number of the run in these rows, which takes half the space of its id. */
    journalRun: p.integer().default(0),
    requestId: p.string().length(100),
    /** What the run is expected to use, for budgets: it counts until the run has ended. */
    reservedTokens: p.bigint('number').defaultRaw('0'),
    reservedMicros: p.bigint('number').defaultRaw('0'),
    /** The id of the command, if it continued a reply and created no message (`L6`). */
    clientMessageId: p.uuid().nullable(),
    payloadHash: p.string().length(43).nullable(),
    createdAt: p.bigint('number'),
    finishedAt: p.bigint('number').nullable(),
  },
});

/** The work of the model on one reply, or on one continuation of it; it ends exactly once. */
export class Run extends RunSchema.class {}
RunSchema.setClass(Run);
