import { AIMessage, type BaseMessage, HumanMessage, trimMessages } from '@langchain/core/messages';
import { ChatPromptTemplate, MessagesPlaceholder } from '@langchain/core/prompts';
import type { ModelsConfig } from '../config/config.js';
import { countTokens, estimateTokens } from './token-estimate.js';
import type { Turn } from './model-request.js';

// The system prompt is a value, not the template itself: its braces are its own.
const template = ChatPromptTemplate.fromMessages([['system', '{system}'], new MessagesPlaceholder('history')]);

export type PromptConfig = Pick<ModelsConfig, 'systemPrompt' | 'contextTokens'>;

/**
 * The messages that are sent: the system prompt, and as much of the end of the history as fits into
 * `contextTokens`, beginning with a question. The last question is sent even when it alone is longer: the provider
 * may count more kindly than the estimate, and otherwise says so.
 */
export async function writePrompt(history: readonly Turn[], config: PromptConfig): Promise<BaseMessage[]> {
  const turns = recentTurns(history, config.contextTokens);
  const messages = await template.formatMessages({ system: config.systemPrompt, history: turns.map(toMessage) });
  if (config.systemPrompt.trim() === '') messages.shift();
  const kept = await trimMessages(messages, {
    maxTokens: config.contextTokens,
    tokenCounter: countTokens,
    strategy: 'last',
    includeSystem: true,
    startOn: 'human',
  });
  if (kept.at(-1)?.getType() === 'human') return kept;
  return messages.filter((message, index) => message.getType() === 'system' || index === messages.length - 1);
}

/** About how many tokens the messages of `writePrompt` take, without writing them. */
export function promptTokens(history: readonly Turn[], { systemPrompt, contextTokens }: PromptConfig): number {
  const system = systemPrompt.trim() === '' ? 0 : estimateTokens(systemPrompt);
  const [last, ...earlier] = history
    .filter(({ text }) => text !== '')
    .map(({ text }) => estimateTokens(text))
    .reverse();
  let tokens = system + (last ?? 0);
  for (const turn of earlier) {
    if (tokens + turn > contextTokens) break;
    tokens += turn;
  }
  return tokens;
}

/** Bounds the work that follows: trimming counts all messages again for each one that it takes away. */
function recentTurns(history: readonly Turn[], contextTokens: number): readonly Turn[] {
  const spoken = history.filter((turn) => turn.text !== '');
  let tokens = 0;
  let first = spoken.length;
  while (first > 0 && tokens <= contextTokens) {
    first -= 1;
    tokens += estimateTokens(spoken[first]?.text ?? '');
  }
  return spoken.slice(first);
}

function toMessage(turn: Turn): BaseMessage {
  return turn.role === 'user' ? new HumanMessage(turn.text) : new AIMessage(turn.text);
}
