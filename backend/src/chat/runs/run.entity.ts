import { defineEntity, p } from '@mikro-orm/core';
import type { RunStatus } from '../../protocol/index.js';
import { User } from '../../users/user.entity.js';
import { Conversation } from '../conversations/conversation.entity.js';

const RunSchema = defineEntity({
  name: 'Run',
  tableName: 'runs',
  indexes: [{ properties: ['status', 'leaseUntil'] }, { properties: ['journal', 'journalRun'] }],
  uniques: [{ properties: ['userId', 'clientMessageId'] }],
  properties: {
    id: p.uuid().primary(),
    conversationId: () =>
      p.manyToOne(Conversation).mapToPk().fieldName('conversation_id').deleteRule('cascade').index(),
    userId: () => p.manyToOne(User).mapToPk().fieldName('user_id').deleteRule('cascade').index(),
    /** The reply that it writes. */
    messageId: p.uuid(),
    status: p.string().length(20).$type<RunStatus>(),
    model: p.string().length(200),
    /** Counts the workers that owned the run; only the bearer of the current number may write (`L7`). */
    fence: p.integer(),
    /** The process that owns it. */
    ownerId: p.uuid(),
    /** By the database's clock: after this moment anybody may take the run over. */
    leaseUntil: p.bigint('number'),
    /** Where it begins in the conversation's stream: the events from here on are kept while it runs. */
    firstSeq: p.bigint('number'),
    /** Which process's rows of the journal have its deltas, and from which number on. */
    journal: p.integer().default(0),
    journalFrom: p.bigint('number').default(0),
    /** What those rows call it: a number instead of the id halves them. */
    journalRun: p.integer().default(0),
    requestId: p.string().length(100),
    /** Set when the command made no message of its own but went on with one (`L6`). */
    clientMessageId: p.uuid().nullable(),
    payloadHash: p.string().length(43).nullable(),
    createdAt: p.bigint('number'),
    finishedAt: p.bigint('number').nullable(),
  },
});

/** One answer of the model, from the question to its one end. */
export class Run extends RunSchema.class {}
RunSchema.setClass(Run);
