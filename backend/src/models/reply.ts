import type { BaseMessage } from '@langchain/core/messages';
import { setTimeout as delay } from 'node:timers/promises';
import type { Usage } from '../protocol/index.js';
import { ModelError } from './model-error.js';
import type { ModelPiece } from './model-request.js';
import { toModelError } from './provider-failure.js';
import { ReplyDeadlines, type ReplyLimits } from './reply-deadlines.js';
import type { ReplySource } from './reply-source.js';
import type { Sampling } from './sampling.js';
import { beginningOf, WholeCharacters } from './whole-characters.js';

const MAX_RETRIES = 2;
const FIRST_BACKOFF_MS = 400;

/** Reasons for which a provider withholds the rest of an answer, under all the names that they go by. */
const REFUSALS: ReadonlySet<string> = new Set([
  'content_filter',
  'refusal',
  'SAFETY',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
]);

export interface Question {
  readonly source: ReplySource;
  readonly messages: BaseMessage[];
  readonly limits: ReplyLimits;
  readonly sampling?: Sampling | undefined;
  readonly requestId: string;
  readonly signal: AbortSignal;
  /** Told of each attempt that failed, with what was thrown. */
  readonly onFailure: (thrown: unknown, attempt: number) => void;
}

/**
 * Asks, and asks again at most twice while not one piece has been yielded. See `LanguageModel.stream` for what
 * it yields and throws.
 */
export async function* streamReply(question: Question): AsyncGenerator<ModelPiece> {
  const { limits, signal } = question;
  using deadlines = new ReplyDeadlines(limits, signal);
  for (let attempt = 1; ; attempt += 1) {
    let hasSpoken = false;
    try {
      for await (const piece of readAnswer(question, deadlines)) {
        hasSpoken = true;
        deadlines.pause();
        yield piece;
        signal.throwIfAborted();
        deadlines.wait();
      }
      signal.throwIfAborted();
      return;
    } catch (error) {
      signal.throwIfAborted();
      // Whatever an SDK makes of an aborted request, the clock that ran out is the reason.
      const thrown: unknown = deadlines.signal.aborted ? deadlines.signal.reason : error;
      question.onFailure(thrown, attempt);
      const failure = toModelError(thrown);
      const pauseMs = hasSpoken ? undefined : backoffMs(failure, attempt, deadlines.firstTokenLeftMs);
      if (pauseMs === undefined) throw failure;
      await pause(pauseMs, signal);
    }
  }
}

async function* readAnswer(
  { source, messages, limits, sampling, requestId }: Question,
  deadlines: ReplyDeadlines,
): AsyncGenerator<ModelPiece> {
  const characters = new WholeCharacters();
  let length = 0;
  let finishReason: string | undefined;
  let usage: Usage | undefined;
  const pieceOf = (text: string): ModelPiece => ({ type: 'text', text });
  try {
    for await (const chunk of source.ask(messages, { sampling, requestId, signal: deadlines.signal })) {
      const text = characters.push(chunk.text);
      if (length + text.length > limits.maxReplyLength) {
        const last = beginningOf(text, limits.maxReplyLength - length);
        if (last) yield pieceOf(last);
        throw new ModelError('model_too_long');
      }
      length += text.length;
      if (text) yield pieceOf(text);
      else if (chunk.isThinking) deadlines.wait();
      if (chunk.usage) usage = sum(usage, chunk.usage);
      if (chunk.finishReason === undefined) continue;
      finishReason = chunk.finishReason;
      deadlines.expectUsage();
    }
  } catch (error) {
    // The text was complete before this: only the usage is lost, and that is no reason to fail the reply.
    if (finishReason === undefined) throw error;
  }
  const rest = characters.flush();
  if (rest) yield pieceOf(rest);
  if (usage) yield { type: 'usage', usage };
  if (finishReason === undefined) throw new ModelError('model_truncated', { isTransient: true });
  if (REFUSALS.has(finishReason)) throw new ModelError('model_refused');
}

/** Some providers count the question in the first chunk and the reply in the last. */
function sum(one: Usage | undefined, other: Usage): Usage {
  return {
    inputTokens: (one?.inputTokens ?? 0) + other.inputTokens,
    outputTokens: (one?.outputTokens ?? 0) + other.outputTokens,
  };
}

/** How long to wait before the next attempt, or `undefined` when there is to be none. */
function backoffMs(failure: ModelError, attempt: number, leftMs: number): number | undefined {
  if (!failure.isTransient || attempt > MAX_RETRIES) return undefined;
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
