import { v7 as uuidv7 } from 'uuid';
import { conversationStream, userStream } from '../../protocol/index.js';
import type { LogTransaction, Position } from '../../streams/log/log-transaction.js';
import { branchChange } from '../messages/branch-change.js';
import { viewConversation, viewMessage, viewSummary } from '../chat.views.js';
import type { ConversationRow } from '../conversations/conversation-row.js';
import { clearSentDraft, keyOf } from '../drafts/drafts.js';
import { isDue } from '../queue/due-queues.js';
import { findPlace, type Place, type Question } from './branch-point.js';
import { addMessages } from './turn-rows.js';
import { readHistory } from '../messages/history.js';
import { findDuplicate, type IdempotencyKey, type Repeated } from './idempotency.js';
import type { MessageRow } from '../messages/message-row.js';
import { chooseModel, refuseUnknownSettings } from './model-choice.js';
import { addToQueue } from '../queue/queue.js';
import { type RunOptions, startRun } from '../runs/run-start.js';
import type { RunOrder } from '../runs/runs.service.js';
import { indexDocuments, titleOf } from '../search/search-index.js';
import { readStanding, refuseWhileBusy, type Standing } from './standing.js';

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
  const place = await findPlace(transaction, key.userId, question);
  const { conversation, isNew } = place;
  // Under the conversation's lock: the same command, sent twice at once, may have committed while this one waited.
  const earlier = await findDuplicate(transaction, key);
  if (earlier) return { kind: 'repeated', ...earlier };
  if (options.model === null) refuseUnknownSettings(conversation.settings, options.allowed);
  const composer = { userId: key.userId, conversationId: isNew ? null : conversation.id };
  const standing = await readStanding(transaction, conversation, question.kind === 'send' ? keyOf(composer) : null);
  if (question.kind === 'send') {
    const { text, mayWait } = question;
    await clearSentDraft(transaction, composer, standing.draft, { ...key, text });
    if (mayWait && (await mustWait(transaction, conversation, standing))) {
      const queued = await addToQueue(transaction, conversation, key, { text, model: options.model });
      return { kind: 'queued', ...queued };
    }
  }
  refuseWhileBusy(standing, options.maxRuns);
  return { kind: 'started', ...(await writeExchange(transaction, place, standing, key, options)) };
}

/** While something runs; and while others that came before are about to be sent. */
const mustWait = async (transaction: LogTransaction, { id }: ConversationRow, { isAnswered }: Standing) =>
  isAnswered || (await isDue(transaction, id));

/** The rows and events of an exchange; nothing may run in the conversation. */
export async function writeExchange(
  transaction: LogTransaction,
  place: Place,
  standing: Standing,
  names: ExchangeNames,
  options: ExchangeOptions,
): Promise<Exchange> {
  const { conversation, isNew } = place;
  const { settings } = conversation;
  const runId = names.runId ?? uuidv7();
  const model = chooseModel([options.model, settings.model], standing.preferred, options.allowed);
  const [question, reply] = await addMessages(transaction, place, { ...names, runId, model });
  if (question) await indexDocuments(transaction, isNew ? [question, titleOf(conversation)] : [question]);
  const history = await readHistory(transaction, conversation.id, reply.parentId);
  const order = await startRun(transaction, reply, { ...options, runId, model, settings, history });
  const position = await tell(transaction, place, question ? [question, reply] : [reply], order);
  return { messageId: (question ?? reply).id, isFirst: isNew, position, order };
}

async function tell(
  transaction: LogTransaction,
  { conversation, isNew }: Place,
  messages: readonly MessageRow[],
  { runId, messageId, model }: RunOrder,
): Promise<Position> {
  const { id, userId, leafId: leafBefore } = conversation;
  const stream = conversationStream(id);
  const now = { ...conversation, leafId: messageId, updatedAt: messages[0]?.createdAt ?? transaction.at };
  for (const message of messages) {
    transaction.append(stream, { type: 'message.added', data: { message: viewMessage(message) } });
  }
  let position = transaction.append(stream, {
    type: 'run.started',
    data: { runId, messageId, attempt: 1, model },
  });
  // Tabs follow a branch that simply goes on by themselves; another one has to be shown to them.
  if (leafBefore !== (messages[0]?.parentId ?? null)) {
    const branch = await branchChange(transaction, now, leafBefore, transaction.textOf);
    position = transaction.append(stream, { type: 'conversation.updated', data: { ...viewConversation(now), branch } });
  }
  const summary = viewSummary(now, true);
  transaction.append(
    userStream(userId),
    isNew ? { type: 'conversation.added', data: summary } : { type: 'conversation.updated', data: summary },
  );
  return position;
}
