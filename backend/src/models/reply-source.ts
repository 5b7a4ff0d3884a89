import type { BaseMessage } from '@langchain/core/messages';
import type { Usage } from '../protocol/index.js';
import type { Sampling } from './sampling.js';

/** A part of an answer as its provider sent it, not yet checked in any way. */
export interface ReplyChunk {
  readonly text: string;
  /** The model is thinking aloud: a sign of life that is not shown. */
  readonly isThinking?: boolean;
  readonly finishReason?: string | undefined;
  readonly usage?: Usage | undefined;
}

export interface AskOptions {
  readonly sampling?: Sampling | undefined;
  readonly requestId: string;
  /** Aborting it closes the connection. */
  readonly signal: AbortSignal;
}

/**
 * One model of one provider. `ask` makes a single request, never repeats it and knows no time limit; it throws
 * what the SDK throws. Without a chunk that has a `finishReason` the answer broke off.
 */
export interface ReplySource {
  ask(messages: BaseMessage[], options: AskOptions): AsyncIterable<ReplyChunk>;
}
