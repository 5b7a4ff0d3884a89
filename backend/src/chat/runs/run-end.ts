import {
  conversationStream,
  type FinalStatus,
  NO_USAGE,
  type RunError,
  type RunStatus,
  type Usage,
  userStream,
} from '../../protocol/index.js';
import { toBoolean, toNumber } from '../../database/sql/sql-values.js';
import { isTokenCount } from '../../models/usage/token-counts.js';
import type { UsageMeter } from '../../models/usage/usage-meter.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { telemetry } from '../../telemetry.js';
import { settle } from '../budgets/reservation.js';
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
import { addFinishedRun } from '../../webhooks/outbox.js';
import { indexDocuments, replaceDocument } from '../search/search-index.js';

/** How a run ends. The optional fields depend on what ends it: its worker, a user's command or the reaper. */
export interface RunEnd {
  readonly status: FinalStatus;
  /** The provider's count; if it is missing, the usage is estimated. `null`: the run counts without tokens. */
  readonly usage?: Usage | null | undefined;
  readonly error?: RunError | undefined;
  /** How soon the first text came, if this process has written the run. */
  readonly firstTokenMs?: number | undefined;
  /** Set by the worker: the run is ended only while its row has this fence. */
  readonly fence?: number;
  /** Set by the worker together with the fence: the committed text of the run. */
  readonly written?: string;
  /** Set by a user's command: the run must be in a conversation of this user that is not deleted (`A3`). */
  readonly ownerId?: string;
}

/**
 * Ends a run exactly once: the first of worker, stop, deletion and reaper decides how (`L5`). The committed text is
 * appended to the message's text.
 *
 * @returns the status of the run afterwards, which differs from `end.status` when the run had already ended
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
  transaction.onCommitted(() => telemetry.runEnded.publish({ end: status, model: run.model }));
  await keepUsage(transaction, run, end, usage);
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
    // Earlier runs may have indexed the message; only the worker knows for certain that it is not indexed yet.
    const isNew = message.text === '' && end.fence !== undefined;
    await (isNew ? indexDocuments(transaction, [document]) : replaceDocument(transaction, document));
  }

  await addFinishedRun(transaction, {
    runId,
    conversationId: conversation.id,
    messageId: message.id,
    userId: conversation.userId,
    model: run.model,
    status,
    errorCode: error?.code,
    usage,
  });
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
  if (run.hasBudget) await settle(transaction, conversation.userId);
  return status;
}

/** A run, its reply and its conversation, while the conversation is locked. */
interface LockedRun {
  readonly id: string;
  readonly status: RunStatus;
  readonly model: string;
  readonly fence: number;
  /** Whether a budget applies to the owner now. */
  readonly hasBudget: boolean;
  /** Text and usage include those of earlier runs. */
  readonly message: MessageRow;
  readonly conversation: ConversationRow;
}

async function lockRun(transaction: LogTransaction, id: string, ownerId: string | undefined): Promise<LockedRun> {
  // Like every other transaction, lock the conversation first: its events must be in the order of the changes.
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
    hasBudget: toBoolean(row['has_budget']),
    message: messageOf(row),
    conversation: conversationOf(conversation),
  };
}

/**
 * The usage of a run and its cost: as the provider counted it, or estimated when there is no count, for example after a stop. A
 * run that ended before its first token has no usage, because it is not known whether the model was reached.
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

/** Whether the sums of all runs of the message fit into its columns. */
const canHold = ({ inputTokens, outputTokens }: MessageRow, used: Usage): boolean =>
  isTokenCount((inputTokens ?? 0) + used.inputTokens) && isTokenCount((outputTokens ?? 0) + used.outputTokens);

/**
 * Stores how a run ended and what it used, and adds its usage to its conversation. The caller writes the columns of the
 * message.
 */
async function keepUsage(
  transaction: LogTransaction,
  { id: runId, model, message, conversation }: LockedRun,
  { status, error, firstTokenMs }: RunEnd,
  usage: Usage | undefined,
): Promise<void> {
  if (usage) {
    countUsage(message, usage);
    countUsage(conversation, usage);
    const { id, inputTokens, outputTokens, costMicros, usageEstimated } = conversation;
    await transaction.all(SET_CONVERSATION_USAGE, [id, inputTokens, outputTokens, costMicros, usageEstimated]);
  }
  const { inputTokens, outputTokens, costMicros = null, estimated = false } = usage ?? NO_USAGE;
  await transaction.all(INSERT_USAGE, [
    runId,
    conversation.userId,
    model,
    transaction.at,
    inputTokens,
    outputTokens,
    costMicros,
    estimated,
    status,
    error?.code ?? null,
    firstTokenMs ?? null,
  ]);
}
