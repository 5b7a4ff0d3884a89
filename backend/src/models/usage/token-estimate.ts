import type { BaseMessage } from '@langchain/core/messages';

const BYTES_PER_TOKEN = 3;
const TOKENS_PER_MESSAGE = 4;

/**
 * Estimates the tokens of a text by its length in UTF-8. Tokenisers have about four bytes per token in English and
 * three in Chinese or Japanese, so the estimate is rather too high. A real tokeniser would block all other
 * conversations while it reads a long one.
 */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN) + TOKENS_PER_MESSAGE;
}

export function countTokens(messages: BaseMessage[]): number {
  return messages.reduce((sum, message) => sum + estimateTokens(textOf(message)), 0);
}

/** A shortcut for plain text: LangChain's `text` builds content blocks first, which costs 3 us per message. */
function textOf(message: BaseMessage): string {
  return typeof message.content === 'string' ? message.content : message.text;
}
