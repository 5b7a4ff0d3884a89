import type { BaseMessage } from '@langchain/core/messages';
import type { Sampling } from './sampling.js';
import type { ClaimedCounts } from './usage/token-counts.js';

/**
 * A part of an answer as the provider sent it, not validated. An empty chunk only shows that the connection is alive,
 * for example while the model thinks.
 */
export interface ReplyChunk {
  readonly text: string;
  readonly finishReason?: string | undefined;
  readonly usage?: ClaimedCounts | undefined;
}

/** Handles one chunk synchronously; an error that it throws ends the answer. */
export type ChunkSink = (chunk: ReplyChunk) => void;

export interface AskOptions {
  readonly sampling?: Sampling | undefined;
  readonly stop?: readonly string[] | undefined;
  readonly requestId: string;
  /** Aborting the signal closes the connection. */
  readonly signal: AbortSignal;
}

/**
 * One model of one provider. `ask` gets a single answer: it does not retry failed answers and has no time limit. It
 * calls `sink` with each chunk as it arrives, in order, and never after its promise has settled. The promise resolves
 * at the end of the answer, and rejects with what the SDK, the socket or `sink` throws. When `sink` throws it is not
 * called again, and the connection is closed. An answer without any chunk with a `finishReason` broke off.
 */
export interface ReplySource {
  ask(messages: BaseMessage[], options: AskOptions, sink: ChunkSink): Promise<void>;
}
