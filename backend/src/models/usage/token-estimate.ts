import type { BaseMessage } from '@langchain/core/messages';

const BYTES_PER_TOKEN = 3;
const TOKENS_PER_MESSAGE = 4;

/**
 * About how many tokens a text takes, by its length in UTF-8. Real tokenisers need some four bytes a token in English
 * and three in Chinese or Japanese, so this errs towards too many; it costs nothing, where a tokeniser
 * would hold up every other conversation while it reads a long one.
 */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN) + TOKENS_PER_MESSAGE;
}

export function countTokens(messages: BaseMessage[]): number {
  return messages.reduce((sum, message) => sum + estimateTokens(textOf(message)), 0);
}

/** LangChain's `text` makes blocks of a message before it joins them: 3 us for each. */
function textOf(message: BaseMessage): string {
  return typeof message.content === 'string' ? message.content : message.text;
}
