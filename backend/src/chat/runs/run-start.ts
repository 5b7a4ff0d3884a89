import type { ReplySettings } from '../../models/model-request.js';
import { conversationStream } from '../../protocol/index.js';
import type { JournalPlace } from '../../streams/journal/journal.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import type { Turn } from '../messages/history.js';
import type { IdempotencyKey } from '../sending/idempotency.js';
import { PROCESS_ID } from './lease.js';
import type { RunJob } from './runs.service.js';
import { INSERT_RUN } from './run.statements.js';

export interface RunOptions {
  /** The models that may be asked, the default first. */
  readonly allowed: readonly string[];
  readonly requestId: string;
  /** How many runs of one user may be active at once. */
  readonly maxRuns: number;
  /** Where this process will write its deltas. */
  readonly journal: JournalPlace;
}

/** The reply that a run writes: behind `text`, where it goes on with one. */
export interface StartedReply {
  readonly id: string;
  readonly conversationId: string;
  readonly userId: string;
  readonly text: string;
}

interface NewRun {
  readonly runId: string;
  readonly model: string;
  readonly settings: ReplySettings;
  readonly requestId: string;
  readonly journal: JournalPlace;
  readonly history: readonly Turn[];
  /** Of a command that makes no message of its own. */
  readonly key?: IdempotencyKey;
}

/** The number of the first worker that owns a run. */
const FIRST_FENCE = 1;

/** The row of a run that writes the reply behind the text that is there; called before the events of its beginning. */
export async function startRun(
  transaction: LogTransaction,
  { id: messageId, conversationId, userId, text }: StartedReply,
  { runId, model, settings, requestId, history, key, journal }: NewRun,
): Promise<RunJob> {
  const stream = conversationStream(conversationId);
  await transaction.all(INSERT_RUN, [
    runId,
    conversationId,
    userId,
    messageId,
    model,
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
  const claim = { runId, fence: FIRST_FENCE, number: journal.run };
  return { ...claim, conversationId, messageId, model, settings, requestId, offset: text.length, history };
}
