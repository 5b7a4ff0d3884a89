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
/** The pause between requests while a model is being loaded. */
const LOADING_PAUSE_MS = 1_000;

export interface Question {
  readonly source: ReplySource;
  readonly messages: BaseMessage[];
  readonly limits: ReplyLimits;
  readonly sampling?: Sampling | undefined;
  readonly stop?: readonly string[] | undefined;
  readonly requestId: string;
  readonly signal: AbortSignal;
  /** Called for each failed attempt. */
  readonly onFailure: (failure: ModelError, attempt: number) => void;
}

/**
 * Asks for a reply, and retries failed attempts as long as the sink has been given nothing; see `LanguageModel.reply`
 * for promises and errors. It has no cost per token.
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
      // Whatever error an SDK throws for an aborted request, the reason is the deadline.
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
  const { source, messages, sampling, stop, requestId } = question;
  try {
    await source.ask(messages, { sampling, stop, requestId, signal }, answer.take);
  } catch (error) {
    // An error after the end of the text loses only the usage, which is no reason to fail the reply.
    if (!answer.isFinished || answer.sinkFailure) throw error;
  }
}

/** How long to wait before the next attempt, in milliseconds; `undefined` for no further attempt. */
function backoffMs(failure: ModelError, attempt: number, leftMs: number): number | undefined {
  if (failure.isLoading)
    return Math.max(failure.retryAfterMs ?? 0, LOADING_PAUSE_MS) < leftMs ? LOADING_PAUSE_MS : undefined;
  if (!failure.isTransient || attempt > MAX_RETRIES) return undefined;
  if (failure.isStale) return 0;
  // Random, so that runs that failed together do not retry together.
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
