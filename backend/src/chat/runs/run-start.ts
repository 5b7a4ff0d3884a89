import { conversationStream } from '../../protocol/index.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import type { MessageRow } from '../messages/message-row.js';
import { reserve } from '../budgets/reservation.js';
import type { IdempotencyKey } from '../sending/idempotency.js';
import type { Standing } from '../sending/standing.js';
import { PROCESS_ID } from './lease.js';
import type { RunJob, RunOptions } from './run-job.js';
import { INSERT_RUN } from './run.statements.js';

/** The initial fence of a run; its end increases it. */
const FIRST_FENCE = 1;

/**
 * Inserts the row of a run that appends to the text of a reply, and what the run reserves of the budget. Must be called
 * before the run's first event is appended, because the row stores the number of that event.
 * @param key the idempotency key of a command that creates no message
 * @throws BudgetExceeded
 */
export async function startRun(
  transaction: LogTransaction,
  { id: messageId, conversationId, userId, text }: MessageRow,
  run: Pick<RunJob, 'runId' | 'model' | 'settings' | 'stop' | 'history' | 'isFirst'>,
  { applied }: Pick<Standing, 'applied'>,
  { journal, requestId, expects }: RunOptions,
  key?: IdempotencyKey,
): Promise<RunJob> {
  const stream = conversationStream(conversationId);
  const reserved = await reserve(transaction, userId, applied, expects(run.model, run));
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
    reserved.tokens,
    reserved.micros,
  ]);
  const claim = { fence: FIRST_FENCE, number: journal.run };
  return { ...run, ...claim, conversationId, userId, messageId, requestId, offset: text.length };
}
