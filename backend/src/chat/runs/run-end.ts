import {
  conversationStream,
  type FinalStatus,
  type RunError,
  type RunStatus,
  type Usage,
  userStream,
} from '../../protocol/index.js';
import { toNumber } from '../../database/sql/sql-values.js';
import { isTokenCount } from '../../models/usage/token-counts.js';
import type { UsageMeter } from '../../models/usage/usage-meter.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { countUsage, viewSummary } from '../chat.views.js';
import { type ConversationRow, conversationOf } from '../conversations/conversation-row.js';
import {
  LOCK_CONVERSATION_OF_RUN,
  LOCK_OWN_CONVERSATION_OF_RUN,
  SET_CONVERSATION_USAGE,
} from '../conversations/conversation.statements.js';
import { continuedBy, readHistory } from '../messages/history.js';
import { messageOf, type MessageRow } from '../messages/message-row.js';
import { END_REPLY, LOCK_RUN } from '../messages/message.statements.js';
import { notFound } from '../conversations/ownership.js';
import { END_RUN, INSERT_USAGE } from './run.statements.js';
import { indexDocuments, replaceDocument } from '../search/search-index.js';

export interface RunEnd {
  readonly status: FinalStatus;
  /** As the provider counted it; estimated where it is missing. `null`: neither is counted. */
  readonly usage?: Usage | null | undefined;
  readonly error?: RunError | undefined;
  /** Given by the worker: it may end its run only while no other process has taken it over. */
  readonly fence?: number;
  /** Given with the fence: all that is committed of the run, which the worker knows best. */
  readonly written?: string;
  /** Given by a user's command: the run must be in a conversation of this user's that was not deleted (`A3`). */
  readonly ownerId?: string;
}

/**
 * Ends a run, once: whoever comes first, worker, stop, deletion or reaper, decides (`L5`). The text that was
 * committed becomes the message's, behind what earlier runs have written of it.
 *
 * @returns the status that really won
 * @throws ChatError `not_found` when there is no such run
 */
export async function endRun(
  transaction: LogTransaction,
  runId: string,
  end: RunEnd,
  meter: UsageMeter,
): Promise<RunStatus> {
  const run = await lockRun(transaction, runId, end.ownerId);
  const isForeign = end.fence !== undefined && end.fence !== run.fence;
  if (run.status !== 'running' || isForeign) return run.status;

  const { status, error } = end;
  const { conversation, message } = run;
  const written = end.written ?? (await transaction.textOf(runId));
  const usage = await usageOf(transaction, run, { ...end, written }, meter);
  const text = message.text + written;
  await transaction.all(END_RUN, [runId, status, transaction.at]);
  if (usage) await keepUsage(transaction, run, usage);
  await transaction.all(END_REPLY, [
    message.id,
    status,
    text,
    message.inputTokens,
    message.outputTokens,
    message.costMicros,
    message.usageEstimated,
    error?.code ?? null,
    error?.requestId ?? null,
  ]);
  if (written !== '') {
    const document = { ...message, text };
    // Earlier runs have left theirs; only the worker knows that nothing is there.
    const isNew = message.text === '' && end.fence !== undefined;
    await (isNew ? indexDocuments(transaction, [document]) : replaceDocument(transaction, document));
  }

  transaction.append(conversationStream(conversation.id), {
    type: 'run.finished',
    data: {
      runId,
      messageId: message.id,
      status,
      length: text.length,
      ...(usage && { usage }),
      ...(error && { error }),
    },
  });
  transaction.append(userStream(conversation.userId), {
    type: 'conversation.updated',
    data: viewSummary(conversation, false),
  });
  return status;
}

/** A run with the reply that it writes and their conversation, under the conversation's lock. */
interface LockedRun {
  readonly id: string;
  readonly status: RunStatus;
  readonly model: string;
  readonly fence: number;
  /** With the text and the usage of earlier runs. */
  readonly message: MessageRow;
  readonly conversation: ConversationRow;
}

async function lockRun(transaction: LogTransaction, id: string, ownerId: string | undefined): Promise<LockedRun> {
  // The conversation first, as everywhere: what its events say must be in the order of the changes.
  const [conversation] = await (ownerId === undefined
    ? transaction.all(LOCK_CONVERSATION_OF_RUN, [id])
    : transaction.all(LOCK_OWN_CONVERSATION_OF_RUN, [id, ownerId]));
  const [row] = await transaction.all(LOCK_RUN, [id]);
  if (!conversation || !row) throw notFound('run');
  return {
    id,
    status: row['run_status'] as RunStatus,
    model: row['run_model'] as string,
    fence: toNumber(row['fence']),
    message: messageOf(row),
    conversation: conversationOf(conversation),
  };
}

/**
 * What the run used and what that costs: by the provider's count, or by an estimate where there is none, as after a
 * Stop. A run that ended before the first word counts nothing: nobody knows whether the model was ever reached.
 */
async function usageOf(
  transaction: LogTransaction,
  { model, message, conversation }: LockedRun,
  { status, usage, written }: RunEnd & { readonly written: string },
  meter: UsageMeter,
): Promise<Usage | undefined> {
  if (usage === null) return undefined;
  if (usage && canHold(message, usage)) return meter.priced(model, usage);
  if (written === '' && status !== 'completed') return undefined;
  const history = await readHistory(transaction, conversation.id, message.parentId);
  const asked = message.text === '' ? history : [...history, ...continuedBy(message.text)];
  const estimate = meter.estimated(model, { settings: conversation.settings, history: asked, reply: written });
  return canHold(message, estimate) ? estimate : undefined;
}

/** Whether the message's columns hold what all its runs used together. */
const canHold = ({ inputTokens, outputTokens }: MessageRow, used: Usage): boolean =>
  isTokenCount((inputTokens ?? 0) + used.inputTokens) && isTokenCount((outputTokens ?? 0) + used.outputTokens);

/** Counts what a run used in its conversation and by itself; what its message has used is left to the caller to write. */
async function keepUsage(
  transaction: LogTransaction,
  { id: runId, model, message, conversation }: LockedRun,
  usage: Usage,
): Promise<void> {
  countUsage(message, usage);
  countUsage(conversation, usage);
  const { id, userId, inputTokens, outputTokens, costMicros, usageEstimated } = conversation;
  await transaction.all(SET_CONVERSATION_USAGE, [id, inputTokens, outputTokens, costMicros, usageEstimated]);
  await transaction.all(INSERT_USAGE, [
    runId,
    userId,
    model,
    transaction.at,
    usage.inputTokens,
    usage.outputTokens,
    usage.costMicros ?? null,
    usage.estimated ?? false,
  ]);
}
