import { v7 as uuidv7 } from 'uuid';
import { toNumber } from '../../database/sql/sql-values.js';
import { ChatError, conversationStream, userStream } from '../../protocol/index.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { viewSummary } from '../chat.views.js';
import type { ConversationRow } from '../conversations/conversation-row.js';
import type { Begun } from './ask-command.js';
import { continuedBy, readHistory } from '../messages/history.js';
import { findDuplicate, type IdempotencyKey } from './idempotency.js';
import type { MessageRow } from '../messages/message-row.js';
import { CONTINUE_REPLY } from '../messages/message.statements.js';
import { chooseModel, refuseUnknownSettings } from './model-choice.js';
import { lockMessage } from '../conversations/ownership.js';
import type { RunOptions } from '../runs/run-job.js';
import { startRun } from '../runs/run-start.js';
import { COUNT_ATTEMPTS } from '../runs/run.statements.js';
import { readStanding, assertIdle } from './standing.js';

/**
 * Continues a reply that ended early: adds another run of the same message, in the caller's transaction.
 * @throws ChatError `not_found`, `run_active`, `rate_limited`, or `bad_request` for a message that cannot be continued
 */
export async function beginContinuation(
  transaction: LogTransaction,
  key: IdempotencyKey,
  messageId: string,
  options: RunOptions,
): Promise<Begun> {
  const { conversation, message: reply } = await lockMessage(transaction, key.userId, messageId);
  const earlier = await findDuplicate(transaction, key);
  if (earlier) return earlier;
  const isOffered = reply.model ? options.allowed.includes(reply.model) : false;
  if (!isOffered) refuseUnknownSettings(conversation.settings, options.allowed);
  const standing = await readStanding(transaction, conversation);
  assertIdle(standing, options.maxRuns);
  refuseWhole(conversation, reply);
  const { settings } = conversation;
  // The same model is preferred, since another one would hardly continue in the same style in mid-sentence.
  const { model, refusal } = chooseModel([reply.model, settings.model], standing, options.allowed);
  if (refusal) throw refusal;

  const question = await readHistory(transaction, conversation.id, reply.parentId);
  const history = [...question, ...continuedBy(reply.text)];
  const runId = uuidv7();
  await transaction.all(CONTINUE_REPLY, [messageId, runId, model]);
  const run = { runId, model, settings, history, isFirst: false };
  const job = await startRun(transaction, reply, run, standing, options, key);
  const [counted] = await transaction.all(COUNT_ATTEMPTS, [conversation.id, messageId]);
  const attempt = toNumber(counted?.['attempts']);
  const position = transaction.append(conversationStream(conversation.id), {
    type: 'run.started',
    data: { runId, messageId, attempt, model },
  });
  transaction.append(userStream(conversation.userId), {
    type: 'conversation.updated',
    data: viewSummary(conversation, true),
  });
  return { duplicate: false, messageId, runId, position, job };
}

/** Only the last reply of the branch in view can be continued: `windowStart` relies on other texts not growing. */
function refuseWhole(conversation: ConversationRow, reply: MessageRow): void {
  const refuse = (what: string): never => {
    throw new ChatError('bad_request', `messageId: ${what}`);
  };
  if (reply.role !== 'assistant') refuse('is not a reply');
  if (conversation.leafId !== reply.id) refuse('is not at the end of the branch in view');
  if (reply.status === 'completed') refuse('is a complete reply');
  if (reply.text === '') refuse('is a reply without text; ask for another one');
}
