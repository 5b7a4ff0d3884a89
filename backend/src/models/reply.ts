import type { BaseMessage } from '@langchain/core/messages';
import { setTimeout as delay } from 'node:timers/promises';
import { Answer } from './answer.js';
import type { ModelError } from './model-error.js';
import type { ReplySink } from './model-request.js';
import { toModelError } from './failures/provider-failure.js';
import { ReplyDeadlines, type ReplyLimits } from './reply-deadlines.js';
import type { ReplySource } from './reply-source.js';
import type { Sampling } from './sampling.js';

const MAX_RETRIES = 2;
const FIRST_BACKOFF_MS = 400;
/** How often it is asked again whether a model has been loaded. */
const LOADING_PAUSE_MS = 1_000;

export interface Question {
  readonly source: ReplySource;
  readonly messages: BaseMessage[];
  readonly limits: ReplyLimits;
  readonly sampling?: Sampling | undefined;
  readonly requestId: string;
  readonly signal: AbortSignal;
  /** Told of each attempt that failed, and how. */
  readonly onFailure: (failure: ModelError, attempt: number) => void;
}

/**
 * Asks, and asks again while nothing has been given to `sink`: at most twice, and for as long as the first token may take
 * where the model is being loaded. See `LanguageModel.reply` for what it gives
 * and throws. Costs nothing for each token.
 */
export async function readReply(question: Question, sink: ReplySink): Promise<void> {
  const { limits, signal } = question;
  using deadlines = new ReplyDeadlines(limits, signal);
  for (let attempt = 1; ; attempt += 1) {
    const answer = new Answer(sink, limits.maxReplyLength, deadlines);
    try {
      await ask(question, answer, deadlines.signal);
      signal.throwIfAborted();
      answer.end();
      signal.throwIfAborted();
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (answer.sinkFailure) throw answer.sinkFailure.thrown;
      // Whatever an SDK makes of an aborted request, the clock that ran out is the reason.
      const isLate = deadlines.signal.aborted && !answer.isFinished;
      const failure = toModelError(isLate ? deadlines.signal.reason : error);
      question.onFailure(failure, attempt);
      const pauseMs = answer.hasSpoken ? undefined : backoffMs(failure, attempt, deadlines.firstTokenLeftMs);
      if (pauseMs === undefined) {
        answer.flush();
        throw failure;
      }
      await pause(pauseMs, signal);
    }
  }
}

async function ask(question: Question, answer: Answer, signal: AbortSignal): Promise<void> {
  const { source, messages, sampling, requestId } = question;
  try {
    await source.ask(messages, { sampling, requestId, signal }, answer.take);
  } catch (error) {
    // The text was complete before this: only the usage is lost, and that is no reason to fail the reply.
    if (!answer.isFinished || answer.sinkFailure) throw error;
  }
}

/** How long to wait before the next attempt, or `undefined` when there is to be none. */
function backoffMs(failure: ModelError, attempt: number, leftMs: number): number | undefined {
  if (failure.isLoading)
    return Math.max(failure.retryAfterMs ?? 0, LOADING_PAUSE_MS) < leftMs ? LOADING_PAUSE_MS : undefined;
  if (!failure.isTransient || attempt > MAX_RETRIES) return undefined;
  if (failure.isStale) return 0;
  // Spread out, so that the runs that failed together do not come back together.
  const backoff = FIRST_BACKOFF_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
  const pauseMs = Math.max(failure.retryAfterMs ?? 0, backoff);
  return pauseMs < leftMs ? pauseMs : undefined;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
