import { type BaseMessageChunk, isAIMessageChunk, type UsageMetadata } from '@langchain/core/messages';
import type { ReplyChunk } from './reply-source.js';

/** How the providers' packages name the reason why an answer ended. */
const REASON_KEYS = ['finish_reason', 'stop_reason', 'finishReason', 'stopReason', 'done_reason'] as const;

/** Takes from a message of LangChain what a reply needs. */
export function readMessage(message: BaseMessageChunk): ReplyChunk {
  const { content, additional_kwargs: extras } = message;
  const counts = countsOf(message);
  return {
    text: typeof content === 'string' ? content : message.text,
    isThinking: 'reasoning_content' in extras || (typeof content !== 'string' && content.length > 0),
    finishReason: reasonIn(message.response_metadata) ?? reasonIn(extras),
    usage: counts && { inputTokens: counts.input_tokens, outputTokens: counts.output_tokens },
  };
}

// A function of its own, because what `isAIMessageChunk` narrows to has no type for the counts.
function countsOf(message: BaseMessageChunk): UsageMetadata | undefined {
  return isAIMessageChunk(message) ? message.usage_metadata : undefined;
}

function reasonIn(metadata: Record<string, unknown>): string | undefined {
  for (const key of REASON_KEYS) {
    const value = metadata[key];
    if (typeof value === 'string') return value;
  }
  return undefined;
}
