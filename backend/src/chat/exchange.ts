import { v7 as uuidv7 } from 'uuid';
import type { EntityManager } from '../database/database.js';
import { ChatError, conversationStream, userStream } from '../protocol/index.js';
import type { LogTransaction, Position } from '../streams/log-transaction.js';
import { readHead } from '../streams/stream-tables.js';
import { findPlace, type Place, type Question } from './exchange-place.js';
import { branchChange } from './branch-change.js';
import { viewConversation, viewMessage, viewSummary } from './chat.views.js';
import { Conversation } from './conversation.entity.js';
import { readHistory } from './history.js';
import { findDuplicate, type IdempotencyKey } from './idempotency.js';
import { LEASE_MS, PROCESS_ID, readDatabaseNow } from './lease.js';
import { Message } from './message.entity.js';
import { Run } from './run.entity.js';
import type { RunOrder } from './runs.service.js';

export interface ExchangeOptions {
  readonly model: string;
  readonly requestId: string;
  /** How many runs of one user may be active at once. */
  readonly maxRuns: number;
}

export interface Exchange {
  /** The message that the command created: a question, or a reply that is written anew. */
  readonly messageId: string;
  readonly order: RunOrder;
  /** The conversation has just begun. */
  readonly isFirst: boolean;
  /** The last event of the exchange in the conversation's stream. */
  readonly position: Position;
}

/**
 * Writes question, empty reply and run, and tells the tabs: all in the caller's transaction.
 * @returns the message that the same command created before, if it did (`L6`)
 */
export async function beginExchange(
  transaction: LogTransaction,
  key: IdempotencyKey,
  question: Question,
  options: ExchangeOptions,
): Promise<Exchange | Message> {
  const { em } = transaction;
  const place = await findPlace(transaction, key.userId, question);
  // Under the conversation's lock: the same command, sent twice at once, may have committed while this one waited.
  const duplicate = await findDuplicate(em, key);
  if (duplicate) return duplicate;
  const { conversation } = place;
  await refuseWhileBusy(em, conversation, options.maxRuns);

  const leafBefore = conversation.leafId ?? null;
  const runId = uuidv7();
  const asked = addQuestion(transaction, place, key, runId);
  const reply = createMessage(em, conversation, transaction.at, {
    role: 'assistant',
    parentId: asked?.id ?? place.parentId,
    status: 'streaming',
    model: options.model,
    runId,
    // A reply that is written anew is what the command created; a first reply follows from the question.
    ...(!asked && { clientMessageId: key.clientMessageId, payloadHash: key.payloadHash }),
  });
  conversation.leafId = reply.id;
  conversation.updatedAt = transaction.at;
  const { seq } = await readHead(em, conversationStream(conversation.id));
  const run = await createRun(em, reply, { ...options, runId, firstSeq: seq + 1 });
  await em.flush();

  const history = await readHistory(em, conversation.id, reply.parentId ?? null);
  const position = await tell(transaction, place, asked ? [asked, reply] : [reply], run, leafBefore);
  return {
    messageId: (asked ?? reply).id,
    isFirst: place.isNew,
    position,
    order: {
      runId,
      fence: run.fence,
      conversationId: conversation.id,
      messageId: reply.id,
      model: options.model,
      requestId: options.requestId,
      history,
    },
  };
}

async function refuseWhileBusy(em: EntityManager, conversation: Conversation, maxRuns: number): Promise<void> {
  const active = await em.find(Run, { userId: conversation.userId, status: 'running' }, { fields: ['conversationId'] });
  if (active.some(({ conversationId }) => conversationId === conversation.id)) {
    throw new ChatError('run_active', 'This conversation is being answered.');
  }
  if (active.length >= maxRuns) {
    throw new ChatError('rate_limited', `Only ${maxRuns} answers may be written at once.`, { retryAfterMs: 5_000 });
  }
}

function addQuestion(
  { em, at }: LogTransaction,
  place: Place,
  key: IdempotencyKey,
  runId: string,
): Message | undefined {
  const { conversation, parentId, text } = place;
  if (text === undefined) return undefined;
  const { clientMessageId, payloadHash } = key;
  return createMessage(em, conversation, at, {
    role: 'user',
    parentId,
    text,
    status: 'completed',
    runId,
    clientMessageId,
    payloadHash,
  });
}

type MessageFields = Pick<Message, 'role' | 'parentId' | 'status' | 'runId'> &
  Partial<Pick<Message, 'text' | 'model' | 'clientMessageId' | 'payloadHash'>>;

function createMessage(em: EntityManager, conversation: Conversation, at: number, fields: MessageFields): Message {
  return em.create(Message, {
    id: uuidv7(),
    conversationId: conversation.id,
    userId: conversation.userId,
    text: '',
    model: null,
    clientMessageId: null,
    payloadHash: null,
    inputTokens: null,
    outputTokens: null,
    costMicros: null,
    usageEstimated: false,
    rating: null,
    errorCode: null,
    requestId: null,
    createdAt: at,
    ...fields,
  });
}

async function createRun(
  em: EntityManager,
  reply: Message,
  options: ExchangeOptions & { readonly runId: string; readonly firstSeq: number },
): Promise<Run> {
  return em.create(Run, {
    id: options.runId,
    conversationId: reply.conversationId,
    userId: reply.userId,
    messageId: reply.id,
    status: 'running',
    model: options.model,
    fence: 1,
    ownerId: PROCESS_ID,
    leaseUntil: (await readDatabaseNow(em)) + LEASE_MS,
    firstSeq: options.firstSeq,
    requestId: options.requestId,
    clientMessageId: null,
    payloadHash: null,
    createdAt: reply.createdAt,
    finishedAt: null,
  });
}

async function tell(
  transaction: LogTransaction,
  { conversation, isNew }: Place,
  messages: readonly Message[],
  run: Run,
  leafBefore: string | null,
): Promise<Position> {
  const stream = conversationStream(conversation.id);
  for (const message of messages) {
    transaction.append(stream, { type: 'message.added', data: { message: viewMessage(message) } });
  }
  let position = transaction.append(stream, {
    type: 'run.started',
    data: { runId: run.id, messageId: run.messageId, attempt: 1, model: run.model },
  });
  // Tabs follow a branch that simply goes on by themselves; another one has to be shown to them.
  if (leafBefore !== (messages[0]?.parentId ?? null)) {
    const branch = await branchChange(transaction.em, conversation, leafBefore);
    position = transaction.append(stream, {
      type: 'conversation.updated',
      data: { ...viewConversation(conversation), branch },
    });
  }
  const summary = viewSummary(conversation, true);
  transaction.append(
    userStream(conversation.userId),
    isNew ? { type: 'conversation.added', data: summary } : { type: 'conversation.updated', data: summary },
  );
  return position;
}
