import { v7 as uuidv7 } from 'uuid';
import type { EntityManager } from '../database/database.js';
import { conversationStream, userStream } from '../protocol/index.js';
import type { LogTransaction, Position } from '../streams/log-transaction.js';
import { branchChange } from './branch-change.js';
import { viewConversation, viewMessage, viewSummary } from './chat.views.js';
import { Conversation } from './conversation.entity.js';
import { clearSentDraft } from './drafts.js';
import { findDueQueues } from './due-queues.js';
import { findPlace, type Place, type Question } from './exchange-place.js';
import { readHistory } from './history.js';
import { findDuplicate, type IdempotencyKey, type Repeated } from './idempotency.js';
import { Message } from './message.entity.js';
import { chooseModel, refuseUnknownSettings } from './model-choice.js';
import { addToQueue } from './queue.js';
import { Run } from './run.entity.js';
import { refuseWhileBusy, type RunOptions, startRun } from './run-start.js';
import type { RunOrder } from './runs.service.js';
import { indexDocument, indexTitle } from './search-index.js';

export interface ExchangeOptions extends RunOptions {
  /** The model that the command names. */
  readonly model: string | null;
}

export interface Exchange {
  /** The message that the command created or went on with. */
  readonly messageId: string;
  readonly order: RunOrder;
  /** The conversation has just begun. */
  readonly isFirst: boolean;
  /** The last event of the exchange in the conversation's stream. */
  readonly position: Position;
}

/** What became of a command that asks something of the model. */
export type Begun =
  | ({ readonly kind: 'started' } & Exchange)
  | ({ readonly kind: 'queued'; readonly position: Position } & Pick<Repeated, 'messageId' | 'runId'>)
  | ({ readonly kind: 'repeated' } & Repeated);

/** What the messages of an exchange are called; ids that are missing are made. */
export interface ExchangeNames {
  readonly clientMessageId: string;
  readonly payloadHash: string;
  readonly messageId?: string;
  readonly runId?: string;
}

/**
 * Writes question, empty reply and run, and tells the tabs: all in the caller's transaction. A command that came
 * before changes nothing (`L6`).
 */
export async function beginExchange(
  transaction: LogTransaction,
  key: IdempotencyKey,
  question: Question,
  options: ExchangeOptions,
): Promise<Begun> {
  const { em } = transaction;
  const place = await findPlace(transaction, key.userId, question);
  // Under the conversation's lock: the same command, sent twice at once, may have committed while this one waited.
  const earlier = await findDuplicate(em, key);
  if (earlier) return { kind: 'repeated', ...earlier };
  if (options.model === null) refuseUnknownSettings(place.conversation.settings, options.allowed);
  if (question.kind === 'send') {
    const { text, mayWait } = question;
    const conversationId = place.isNew ? null : place.conversation.id;
    await clearSentDraft(transaction, { userId: key.userId, conversationId }, { ...key, text });
    if (mayWait && (await mustWait(em, place.conversation))) {
      const queued = await addToQueue(transaction, place.conversation, key, { text, model: options.model });
      return { kind: 'queued', ...queued };
    }
  }
  await refuseWhileBusy(em, place.conversation, options.maxRuns);
  return { kind: 'started', ...(await writeExchange(transaction, place, key, options)) };
}

/** While something runs; and while others that came before are about to be sent. */
async function mustWait(em: EntityManager, { id: conversationId }: Conversation): Promise<boolean> {
  const running = await em.count(Run, { conversationId, status: 'running' });
  return running > 0 || (await findDueQueues(em, { conversationId })).length > 0;
}

/** The rows and events of an exchange; nothing may run in the conversation. */
export async function writeExchange(
  transaction: LogTransaction,
  place: Place,
  names: ExchangeNames,
  options: ExchangeOptions,
): Promise<Exchange> {
  const { em } = transaction;
  const { conversation } = place;
  const { settings } = conversation;
  const leafBefore = conversation.leafId ?? null;
  const runId = names.runId ?? uuidv7();
  const { clientMessageId, payloadHash } = names;
  const asked = addQuestion(transaction, place, names, runId);
  const named = [options.model, settings.model];
  const model = await chooseModel(em, conversation.userId, named, options.allowed);
  const reply = createMessage(em, conversation, transaction.at, {
    role: 'assistant',
    parentId: asked?.id ?? place.parentId,
    status: 'streaming',
    model,
    runId,
    // A reply that is written anew is what the command created; a first reply follows from the question.
    ...(!asked && { clientMessageId, payloadHash }),
  });
  conversation.leafId = reply.id;
  conversation.updatedAt = transaction.at;
  await em.flush();
  if (asked) await indexDocument(em, asked);
  if (place.isNew) await indexTitle(em, conversation);

  const history = await readHistory(em, conversation.id, reply.parentId ?? null);
  const order = await startRun(transaction, reply, { ...options, runId, model, settings, history });
  const position = await tell(transaction, place, asked ? [asked, reply] : [reply], order, leafBefore);
  return { messageId: (asked ?? reply).id, isFirst: place.isNew, position, order };
}

function addQuestion(
  { em, at }: LogTransaction,
  place: Place,
  { messageId, clientMessageId, payloadHash }: ExchangeNames,
  runId: string,
): Message | undefined {
  const { conversation, parentId, text } = place;
  if (text === undefined) return undefined;
  return createMessage(em, conversation, at, {
    ...(messageId !== undefined && { id: messageId }),
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
  Partial<Pick<Message, 'id' | 'text' | 'model' | 'clientMessageId' | 'payloadHash'>>;

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

async function tell(
  transaction: LogTransaction,
  { conversation, isNew }: Place,
  messages: readonly Message[],
  { runId, messageId, model }: RunOrder,
  leafBefore: string | null,
): Promise<Position> {
  const stream = conversationStream(conversation.id);
  for (const message of messages) {
    transaction.append(stream, { type: 'message.added', data: { message: viewMessage(message) } });
  }
  let position = transaction.append(stream, {
    type: 'run.started',
    data: { runId, messageId, attempt: 1, model },
  });
  // Tabs follow a branch that simply goes on by themselves; another one has to be shown to them.
  if (leafBefore !== (messages[0]?.parentId ?? null)) {
    const branch = await branchChange(transaction.em, conversation, leafBefore, transaction.textOf);
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
