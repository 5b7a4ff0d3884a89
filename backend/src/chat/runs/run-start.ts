import { conversationStream } from '../../protocol/index.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import type { MessageRow } from '../messages/message-row.js';
import type { IdempotencyKey } from '../sending/idempotency.js';
import { PROCESS_ID } from './lease.js';
import type { RunJob, RunOptions } from './run-job.js';
import { INSERT_RUN } from './run.statements.js';

/** What a run begins with; its end raises it. */
const FIRST_FENCE = 1;

/**
 * The row of a run that writes the reply behind the text that is there; called before the events of its beginning.
 * @param key of a command that makes no message of its own
 */
export async function startRun(
  transaction: LogTransaction,
  { id: messageId, conversationId, userId, text }: MessageRow,
  run: Pick<RunJob, 'runId' | 'model' | 'settings' | 'history' | 'isFirst'>,
  { journal, requestId }: RunOptions,
  key?: IdempotencyKey,
): Promise<RunJob> {
  const stream = conversationStream(conversationId);
  await transaction.all(INSERT_RUN, [
    run.runId,
    conversationId,
    userId,
    messageId,
    run.model,
    FIRST_FENCE,
    PROCESS_ID,
    stream,
    transaction.knownHead(stream),
    journal.process,
    journal.n,
    journal.run,
    requestId,
    key?.clientMessageId ?? null,
    key?.payloadHash ?? null,
    transaction.at,
  ]);
  const claim = { fence: FIRST_FENCE, number: journal.run };
  return { ...run, ...claim, conversationId, userId, messageId, requestId, offset: text.length };
}
