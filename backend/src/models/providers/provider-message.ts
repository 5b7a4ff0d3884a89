import { type BaseMessageChunk, isAIMessageChunk, type UsageMetadata } from '@langchain/core/messages';

/** The parts of a LangChain message that a reply needs. */
export interface ProviderMessage {
  readonly text: string;
  readonly finishReason: string | undefined;
  readonly counts: UsageMetadata | undefined;
}

/** The names under which packages report the reason for the end of an answer. */
const REASON_KEYS = ['finish_reason', 'stop_reason', 'finishReason', 'stopReason', 'done_reason'] as const;

/** Reads the text, finish reason and token counts of a LangChain message. */
export function readMessage(message: BaseMessageChunk): ProviderMessage {
  const { content, additional_kwargs: extras } = message;
  return {
    text: typeof content === 'string' ? content : message.text,
    finishReason: reasonIn(message.response_metadata) ?? reasonIn(extras),
    counts: countsOf(message),
  };
}

// A function of its own, because what `isAIMessageChunk` narrows to has no type for the counts.
function countsOf(message: BaseMessageChunk): UsageMetadata | undefined {
  return isAIMessageChunk(message) ? message.usage_metadata : undefined;
}

function reasonIn(metadata: Record<string, unknown>): string | undefined {
  for (const key of REASON_KEYS) {
    const value = metadata[key];
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}
