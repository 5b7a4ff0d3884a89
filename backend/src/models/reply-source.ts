import type { BaseMessage } from '@langchain/core/messages';
import type { Sampling } from './sampling.js';
import type { ClaimedCounts } from './usage/token-counts.js';

/**
 * A part of an answer as its provider sent it, not yet checked in any way. One without anything is a sign of life: the
 * model thinks, or its server says that it is there.
 */
export interface ReplyChunk {
  readonly text: string;
  readonly finishReason?: string | undefined;
  readonly usage?: ClaimedCounts | undefined;
}

/** Takes one chunk at a time, at once. What it throws is meant to end the answer. */
export type ChunkSink = (chunk: ReplyChunk) => void;

export interface AskOptions {
  readonly sampling?: Sampling | undefined;
  readonly requestId: string;
  /** Aborting it closes the connection. */
  readonly signal: AbortSignal;
}

/**
 * One model of one provider. `ask` makes a single request, does not repeat an answer and knows no time limit. It gives
 * each chunk to `sink` as it comes, in order, and none after its promise has settled; the promise resolves when the
 * answer has ended and rejects with what the SDK, the socket or `sink` throws. A sink that throws gets no more chunks
 * and closes the connection. Without a chunk that has a `finishReason` the answer broke off.
 */
export interface ReplySource {
  ask(messages: BaseMessage[], options: AskOptions, sink: ChunkSink): Promise<void>;
}
