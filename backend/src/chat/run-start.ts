import type { EntityManager } from '../database/database.js';
import type { ReplySettings } from '../models/model-request.js';
import { ChatError, conversationStream } from '../protocol/index.js';
import type { JournalPosition } from '../streams/journal.js';
import type { LogTransaction } from '../streams/log-transaction.js';
import type { Conversation } from './conversation.entity.js';
import type { Turn } from './history.js';
import type { IdempotencyKey } from './idempotency.js';
import { LEASE_MS, PROCESS_ID, readDatabaseNow } from './lease.js';
import type { Message } from './message.entity.js';
import { Run } from './run.entity.js';
import type { RunOrder } from './runs.service.js';

export interface RunOptions {
  /** The models that may be asked, the default first. */
  readonly allowed: readonly string[];
  readonly requestId: string;
  /** How many runs of one user may be active at once. */
  readonly maxRuns: number;
  /** Where this process writes deltas, and from which row on. */
  readonly journal: JournalPosition;
}

interface NewRun {
  readonly runId: string;
  readonly model: string;
  readonly settings: ReplySettings;
  readonly requestId: string;
  readonly history: readonly Turn[];
  readonly journal: JournalPosition;
  /** Of a command that makes no message of its own. */
  readonly key?: IdempotencyKey;
}

/**
 * Why no run may begin in the conversation now: `run_active` while it is being answered, `rate_limited` while too many
 * others of its owner are.
 */
export async function findBusy(
  em: EntityManager,
  conversation: Conversation,
  maxRuns: number,
): Promise<ChatError | undefined> {
  const active = await em.find(Run, { userId: conversation.userId, status: 'running' }, { fields: ['conversationId'] });
  if (active.some(({ conversationId }) => conversationId === conversation.id)) {
    return new ChatError('run_active', 'This conversation is being answered.');
  }
  if (active.length >= maxRuns) {
    return new ChatError('rate_limited', `Only ${maxRuns} answers may be written at once.`, { retryAfterMs: 5_000 });
  }
  return undefined;
}

/** @throws ChatError what `findBusy` finds */
export async function refuseWhileBusy(em: EntityManager, conversation: Conversation, maxRuns: number): Promise<void> {
  const busy = await findBusy(em, conversation, maxRuns);
  if (busy) throw busy;
}

/** The row of a run that writes the reply behind the text that is there; called before the events of its beginning. */
export async function startRun(
  transaction: LogTransaction,
  reply: Message,
  { runId, model, settings, requestId, history, key, journal }: NewRun,
): Promise<RunOrder> {
  const { em, at } = transaction;
  const seq = await transaction.head(conversationStream(reply.conversationId));
  const { fence } = em.create(Run, {
    id: runId,
    conversationId: reply.conversationId,
    userId: reply.userId,
    messageId: reply.id,
    status: 'running',
    model,
    fence: 1,
    ownerId: PROCESS_ID,
    leaseUntil: (await readDatabaseNow(em)) + LEASE_MS,
    firstSeq: seq + 1,
    journal: journal.process,
    journalFrom: journal.n,
    requestId,
    clientMessageId: key?.clientMessageId ?? null,
    payloadHash: key?.payloadHash ?? null,
    createdAt: at,
    finishedAt: null,
  });
  const { id: messageId, conversationId, text } = reply;
  return { runId, fence, conversationId, messageId, model, settings, requestId, offset: text.length, history };
}
