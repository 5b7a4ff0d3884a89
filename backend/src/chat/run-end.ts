import { LockMode } from '@mikro-orm/core';
import {
  ChatError,
  conversationStream,
  type FinalStatus,
  type RunError,
  type RunStatus,
  type Usage,
  userStream,
} from '../protocol/index.js';
import type { EntityManager } from '../database/database.js';
import type { UsageMeter } from '../models/usage-meter.js';
import type { LogTransaction } from '../streams/log-transaction.js';
import { continuedBy, readHistory } from './history.js';
import { countUsage, viewSummary } from './chat.views.js';
import { Conversation } from './conversation.entity.js';
import { Message } from './message.entity.js';
import { Run } from './run.entity.js';
import { indexDocument } from './search-index.js';
import { UsageEntry } from './usage-entry.entity.js';

export interface RunEnd {
  readonly status: FinalStatus;
  readonly usage?: Usage | undefined;
  readonly error?: RunError | undefined;
  /** Given by the worker: it may end its run only while no other process has taken it over. */
  readonly fence?: number;
  /** Given with the fence: all that is committed of the run, which the worker knows best. */
  readonly written?: string;
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
  const { em } = transaction;
  const found = await em.findOne(Run, { id: runId });
  if (!found) throw new ChatError('not_found', 'There is no such run.');
  // The conversation first, as everywhere: what its events say must be in the order of the changes.
  const conversation = await em.findOneOrFail(
    Conversation,
    { id: found.conversationId },
    { lockMode: LockMode.PESSIMISTIC_WRITE },
  );
  const run = await em.findOneOrFail(Run, { id: runId }, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
  const isForeign = end.fence !== undefined && end.fence !== run.fence;
  if (run.status !== 'running' || isForeign) return run.status;

  const { status, error } = end;
  const message = await em.findOneOrFail(Message, { id: run.messageId });
  const written = end.written ?? (await transaction.textOf(runId));
  const usage = await usageOf(em, { run, message, conversation, written }, end, meter);
  const text = message.text + written;
  run.status = status;
  run.finishedAt = transaction.at;
  // From here on, an append with the old fence fails.
  run.fence += 1;
  message.status = status;
  message.text = text;
  if (written !== '') await indexDocument(em, message);
  if (usage) {
    countUsage(message, usage);
    countUsage(conversation, usage);
    em.create(UsageEntry, {
      runId,
      userId: run.userId,
      model: run.model,
      at: transaction.at,
      inputTokens: usage.inputTokens,
      outputTokens: usage.outputTokens,
      costMicros: usage.costMicros ?? null,
      estimated: usage.estimated ?? false,
    });
  }
  message.errorCode = error?.code ?? null;
  message.requestId = error?.requestId ?? null;

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
  transaction.append(userStream(run.userId), {
    type: 'conversation.updated',
    data: viewSummary(conversation, false),
  });
  return status;
}

interface Ending {
  readonly run: Run;
  /** As it was before this run. */
  readonly message: Message;
  readonly conversation: Conversation;
  /** What this run has written. */
  readonly written: string;
}

/**
 * What the run used and what that costs: by the provider's count, or by an estimate where there is none, as after a
 * Stop. A run that ended before the first word counts nothing: nobody knows whether the model was ever reached.
 */
async function usageOf(
  em: EntityManager,
  { run, message, conversation, written }: Ending,
  end: RunEnd,
  meter: UsageMeter,
): Promise<Usage | undefined> {
  if (end.usage) return meter.priced(run.model, end.usage);
  if (written === '' && end.status !== 'completed') return undefined;
  const history = await readHistory(em, conversation.id, message.parentId ?? null);
  const asked = message.text === '' ? history : [...history, ...continuedBy(message.text)];
  return meter.estimated(run.model, { settings: conversation.settings, history: asked, reply: written });
}
