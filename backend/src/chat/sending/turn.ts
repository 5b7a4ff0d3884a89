import { v7 as uuidv7 } from 'uuid';
import { conversationStream, userStream } from '../../protocol/index.js';
import type { LogTransaction, Position } from '../../streams/log/log-transaction.js';
import { branchChange } from '../messages/branch-change.js';
import { viewConversation, viewMessage, viewSummary } from '../chat.views.js';
import type { ConversationRow } from '../conversations/conversation-row.js';
import { clearSentDraft, keyOf } from '../drafts/drafts.js';
import { isDue } from '../queue/due-queues.js';
import { findBranchPoint, type BranchPoint, type Question } from './branch-point.js';
import { addMessages } from './turn-rows.js';
import { readHistory } from '../messages/history.js';
import { findDuplicate, type IdempotencyKey, type Repeated } from './idempotency.js';
import type { MessageRow } from '../messages/message-row.js';
import { chooseModel, refuseUnknownSettings } from './model-choice.js';
import { addToQueue } from '../queue/queue.js';
import { type RunOptions, startRun } from '../runs/run-start.js';
import type { RunJob } from '../runs/runs.service.js';
import { indexDocuments, titleOf } from '../search/search-index.js';
import { readStanding, assertIdle, type Standing } from './standing.js';

export interface TurnOptions extends RunOptions {
  /** The model that the command names. */
  readonly model: string | null;
}

export interface Turn {
  /** The message that the command created or went on with. */
  readonly messageId: string;
  readonly job: RunJob;
  /** The conversation has just begun. */
  readonly isFirst: boolean;
  /** The last event of the turn in the conversation's stream. */
  readonly position: Position;
}

/** What became of a command that asks something of the model. */
export type Begun =
  | ({ readonly kind: 'started' } & Turn)
  | ({ readonly kind: 'queued'; readonly position: Position } & Pick<Repeated, 'messageId' | 'runId'>)
  | ({ readonly kind: 'repeated' } & Repeated);

/** What the messages of a turn are called; ids that are missing are made. */
export interface TurnIds {
  readonly clientMessageId: string;
  readonly payloadHash: string;
  readonly messageId?: string;
  readonly runId?: string;
}

/**
 * Writes question, empty reply and run, and tells the tabs: all in the caller's transaction. A command that came
 * before changes nothing (`L6`).
 */
export async function beginTurn(
  transaction: LogTransaction,
  key: IdempotencyKey,
  question: Question,
  options: TurnOptions,
): Promise<Begun> {
  const point = await findBranchPoint(transaction, key.userId, question);
  const { conversation, isNew } = point;
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
  assertIdle(standing, options.maxRuns);
  return { kind: 'started', ...(await writeTurn(transaction, point, standing, key, options)) };
}

/** While something runs; and while others that came before are about to be sent. */
const mustWait = async (transaction: LogTransaction, { id }: ConversationRow, { isAnswered }: Standing) =>
  isAnswered || (await isDue(transaction, id));

/** The rows and events of a turn; nothing may run in the conversation. */
export async function writeTurn(
  transaction: LogTransaction,
  point: BranchPoint,
  standing: Standing,
  names: TurnIds,
  options: TurnOptions,
): Promise<Turn> {
  const { conversation, isNew } = point;
  const { settings } = conversation;
  const runId = names.runId ?? uuidv7();
  const model = chooseModel([options.model, settings.model], standing.preferred, options.allowed);
  const [question, reply] = await addMessages(transaction, point, { ...names, runId, model });
  if (question) await indexDocuments(transaction, isNew ? [question, titleOf(conversation)] : [question]);
  const history = await readHistory(transaction, conversation.id, reply.parentId);
  const job = await startRun(transaction, reply, { ...options, runId, model, settings, history });
  const position = await appendEvents(transaction, point, question ? [question, reply] : [reply], job);
  return { messageId: (question ?? reply).id, isFirst: isNew, position, job };
}

async function appendEvents(
  transaction: LogTransaction,
  { conversation, isNew }: BranchPoint,
  messages: readonly MessageRow[],
  { runId, messageId, model }: RunJob,
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
