import { v7 as uuidv7 } from 'uuid';
import { conversationStream, userStream } from '../../protocol/index.js';
import type { LogTransaction, Position } from '../../streams/log/log-transaction.js';
import { branchChange } from '../messages/branch-change.js';
import { viewConversation, viewMessage, viewSummary } from '../chat.views.js';
import type { ConversationRow } from '../conversations/conversation-row.js';
import { clearSentDraft, keyOf } from '../drafts/drafts.js';
import { isDue } from '../queue/due-queues.js';
import type { Begun, TurnCommand } from './ask-command.js';
import { findBranchPoint, type BranchPoint } from './branch-point.js';
import { addMessages, type NewTurn } from './turn-rows.js';
import { readHistory } from '../messages/history.js';
import { findDuplicate, type IdempotencyKey } from './idempotency.js';
import type { MessageRow } from '../messages/message-row.js';
import { chooseModel, refuseForbidden, refuseUnknownSettings } from './model-choice.js';
import { addToQueue } from '../queue/queue.js';
import type { RunJob, RunOptions } from '../runs/run-job.js';
import { startRun } from '../runs/run-start.js';
import { indexDocuments, titleOf } from '../search/search-index.js';
import { readStanding, assertIdle, type Standing } from './standing.js';

/**
 * Writes the question, the empty reply, the run and their events in the caller's transaction. A repeated command
 * changes nothing (`L6`).
 * @throws ChatError see `ChatService.send`
 */
export async function beginTurn(
  transaction: LogTransaction,
  key: IdempotencyKey,
  asked: TurnCommand,
  options: RunOptions,
): Promise<Begun> {
  const point = await findBranchPoint(transaction, key.userId, asked);
  const { conversation, isNew } = point;
  // After the lock of the conversation: the same command may have been committed while this one waited for it.
  const earlier = await findDuplicate(transaction, key);
  if (earlier) return earlier;
  const { name, command } = asked;
  const model = 'model' in command ? command.model : undefined;
  if (model === undefined) refuseUnknownSettings(conversation.settings, options.allowed);
  const composer = { userId: key.userId, conversationId: isNew ? null : conversation.id };
  const standing = await readStanding(transaction, conversation, name === 'message:send' ? keyOf(composer) : null);
  // Also before a message is queued; whether it may be asked when its turn comes is checked then.
  const { refusal } = chooseModel([model, conversation.settings.model], standing, options.allowed);
  if (refusal) throw refusal;
  if (isNew) refuseForbidden([conversation.settings.model], standing.refusedModels);
  if (name === 'message:send') {
    await clearSentDraft(transaction, composer, standing.draft, command);
    if (command.queue && (await mustWait(transaction, conversation, standing))) {
      return addToQueue(transaction, conversation, key, command);
    }
  }
  assertIdle(standing, options.maxRuns);
  const text = 'text' in command ? command.text : undefined;
  return writeTurn(transaction, point, standing, { ...key, text, model }, options);
}

/** Whether a message has to be queued: while a run is active, and while earlier messages are about to be sent. */
const mustWait = async (transaction: LogTransaction, { id }: ConversationRow, { isAnswered }: Standing) =>
  isAnswered || (await isDue(transaction, id));

/**
 * Writes the rows and events of a turn; no run may be active in the conversation. If the user may not ask its model,
 * the caller must refuse the command, or end the run as failed: `refusal` of the result says why.
 */
export async function writeTurn(
  transaction: LogTransaction,
  point: BranchPoint,
  standing: Standing,
  turn: NewTurn,
  options: RunOptions,
): Promise<Begun> {
  const { conversation, isNew } = point;
  const { settings } = conversation;
  const runId = turn.runId ?? uuidv7();
  const { model, refusal } = chooseModel([turn.model, settings.model], standing, options.allowed);
  const [question, reply] = await addMessages(transaction, point, { ...turn, runId, model });
  if (question) await indexDocuments(transaction, isNew ? [question, titleOf(conversation)] : [question]);
  const history = await readHistory(transaction, conversation.id, reply.parentId);
  const { stop, ...sampling } = options.own ?? {};
  const run = { runId, model, settings: { ...settings, ...sampling }, stop, history, isFirst: isNew };
  const job = await startRun(transaction, reply, run, standing, options);
  const position = await appendEvents(transaction, point, question ? [question, reply] : [reply], job);
  return { duplicate: false, messageId: (question ?? reply).id, runId, position, job, ...(refusal && { refusal }) };
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
  // Tabs append a message that continues the branch in view; for another branch they need its messages.
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
