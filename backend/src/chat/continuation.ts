import { v7 as uuidv7 } from 'uuid';
import { ChatError, conversationStream, userStream } from '../protocol/index.js';
import type { LogTransaction } from '../streams/log-transaction.js';
import { viewSummary } from './chat.views.js';
import type { Conversation } from './conversation.entity.js';
import type { Begun } from './exchange.js';
import { continuedBy, readHistory } from './history.js';
import { findDuplicate, type IdempotencyKey } from './idempotency.js';
import type { Message } from './message.entity.js';
import { lockMessage } from './ownership.js';
import { Run } from './run.entity.js';
import { chooseModel, refuseUnknownSettings } from './model-choice.js';
import { refuseWhileBusy, type RunOptions, startRun } from './run-start.js';

/**
 * Lets the model go on with a reply that ended early: another run of the same message, in the caller's transaction.
 * @throws ChatError `not_found`, `run_active`, `rate_limited`, or `bad_request` for a message that cannot be continued
 */
export async function beginContinuation(
  transaction: LogTransaction,
  key: IdempotencyKey,
  messageId: string,
  options: RunOptions,
): Promise<Begun> {
  const { em } = transaction;
  const { conversation, message: reply } = await lockMessage(em, key.userId, messageId);
  const earlier = await findDuplicate(em, key);
  if (earlier) return { kind: 'repeated', ...earlier };
  const isOffered = reply.model ? options.allowed.includes(reply.model) : false;
  if (!isOffered) refuseUnknownSettings(conversation.settings, options.allowed);
  await refuseWhileBusy(em, conversation, options.maxRuns);
  refuseWhole(conversation, reply);

  const question = await readHistory(em, conversation.id, reply.parentId ?? null);
  const history = [...question, ...continuedBy(reply.text)];
  const runId = uuidv7();
  const { settings } = conversation;
  // Another model would hardly go on in mid-sentence as the one that began.
  const model = await chooseModel(em, conversation.userId, [reply.model, settings.model], options.allowed);
  Object.assign(reply, { status: 'streaming', runId, model, errorCode: null, requestId: null });
  const order = await startRun(transaction, reply, { ...options, runId, model, settings, history, key });
  await em.flush();
  const attempt = await em.count(Run, { messageId });
  const position = transaction.append(conversationStream(conversation.id), {
    type: 'run.started',
    data: { runId, messageId, attempt, model },
  });
  transaction.append(userStream(conversation.userId), {
    type: 'conversation.updated',
    data: viewSummary(conversation, true),
  });
  return { kind: 'started', messageId, order, isFirst: false, position };
}

/** Only the end of the branch in view: the window of a snapshot counts on texts that grow nowhere else. */
function refuseWhole(conversation: Conversation, reply: Message): void {
  const refuse = (what: string): never => {
    throw new ChatError('bad_request', `messageId: ${what}`);
  };
  if (reply.role !== 'assistant') refuse('names no reply');
  if (conversation.leafId !== reply.id) refuse('names a reply that is not at the end of the branch in view');
  if (reply.status === 'completed') refuse('names a reply that is complete');
  if (reply.text === '') refuse('names a reply that has no text; ask for another one');
}
