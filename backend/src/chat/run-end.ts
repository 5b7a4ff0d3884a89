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
import type { LogTransaction } from '../streams/log-transaction.js';
import { countUsage, viewSummary } from './chat.views.js';
import { Conversation } from './conversation.entity.js';
import { Message } from './message.entity.js';
import { Run } from './run.entity.js';
import { runText } from './run-text.js';
import { UsageEntry } from './usage-entry.entity.js';

export interface RunEnd {
  readonly status: FinalStatus;
  readonly usage?: Usage | undefined;
  readonly error?: RunError | undefined;
  /** Given by the worker: it may end its run only while nobody has taken it over. */
  readonly fence?: number;
}

/**
 * Ends a run, once: whoever comes first, worker, stop, deletion or reaper, decides (`L5`). The text that was
 * committed becomes the message's, behind what earlier runs have written of it.
 *
 * @returns the status that really won
 * @throws ChatError `not_found` when there is no such run
 */
export async function endRun(transaction: LogTransaction, runId: string, end: RunEnd): Promise<RunStatus> {
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

  const { status, usage, error } = end;
  const message = await em.findOneOrFail(Message, { id: run.messageId });
  const text = message.text + (await runText(em, run));
  run.status = status;
  run.finishedAt = transaction.at;
  // From here on, an append with the old fence fails.
  run.fence += 1;
  message.status = status;
  message.text = text;
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
