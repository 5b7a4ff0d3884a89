import { AIMessage, type BaseMessage, HumanMessage, SystemMessage, trimMessages } from '@langchain/core/messages';
import type { RequestShape } from '../config/model-requests.js';
import { countTokens, estimateTokens } from './usage/token-estimate.js';
import type { Turn } from './model-request.js';
import type { PromptConfig } from './usage/prompt-tokens.js';

/**
 * The messages of a request: the system prompt, and as many of the last messages as fit into `contextTokens`, starting
 * with a user message. The last question is sent even if it alone is longer: the estimate may be too high, and
 * otherwise the provider refuses it.
 *
 * The first token waits for this: 11 us of CPU for a history of two messages, 52 us for one of two hundred.
 */
export async function writePrompt(history: readonly Turn[], config: PromptConfig): Promise<BaseMessage[]> {
  const { systemPrompt, contextTokens } = config;
  const hasSystem = systemPrompt.trim() !== '';
  const { turns, tokens } = recentTurns(history, contextTokens);
  const messages = turns.map(toMessage);
  if (hasSystem) messages.unshift(new SystemMessage(systemPrompt));
  const isShort = tokens + (hasSystem ? estimateTokens(systemPrompt) : 0) <= contextTokens;
  // Trimming would have the same result, but count everything again.
  if (isShort && turns[0]?.role === 'user' && turns.at(-1)?.role === 'user') return messages;
  const kept = await trimMessages(messages, {
    maxTokens: contextTokens,
    tokenCounter: countTokens,
    strategy: 'last',
    includeSystem: true,
    startOn: 'human',
  });
  if (kept.at(-1)?.getType() === 'human') return kept;
  return messages.filter((message, index) => message.getType() === 'system' || index === messages.length - 1);
}

/**
 * The last turns that may fit, at least one, and their estimated tokens. This bounds the work of trimming, which counts
 * all messages again for each one that it removes.
 */
function recentTurns(history: readonly Turn[], contextTokens: number): { turns: readonly Turn[]; tokens: number } {
  const spoken = history.filter((turn) => turn.text !== '');
  let tokens = 0;
  let first = spoken.length;
  while (first > 0 && tokens <= contextTokens) {
    first -= 1;
    tokens += estimateTokens(spoken[first]?.text ?? '');
  }
  return { turns: spoken.slice(first), tokens };
}

/**
 * Merges consecutive messages of the same role, which occur after a failed reply, for models whose chat template
 * requires alternating roles.
 */
function alternating(messages: readonly BaseMessage[]): BaseMessage[] {
  const merged: BaseMessage[] = [];
  for (const message of messages) {
    const last = merged.at(-1);
    const isMore = last?.getType() === message.getType();
    if (isMore) merged.pop();
    const text = isMore ? `${last?.text}\n\n${message.text}` : message.text;
    merged.push(isMore ? (message.getType() === 'human' ? new HumanMessage(text) : new AIMessage(text)) : message);
  }
  return merged;
}

/** Moves the system prompt to the beginning of the first question, for models without a system role. */
function withoutSystem(messages: readonly BaseMessage[]): BaseMessage[] {
  const [system, first, ...others] = messages;
  if (system?.getType() !== 'system') return [...messages];
  if (first?.getType() !== 'human') return [new HumanMessage(system.text), ...messages.slice(1)];
  return [new HumanMessage(`${system.text}\n\n${first.text}`), ...others];
}

/** The messages in the form that the model accepts. */
export function shaped(messages: BaseMessage[], { systemRole, alternate }: RequestShape): BaseMessage[] {
  const spoken = systemRole === 'user' ? withoutSystem(messages) : messages;
  return alternate ? alternating(spoken) : spoken;
}

function toMessage(turn: Turn): BaseMessage {
  return turn.role === 'user' ? new HumanMessage(turn.text) : new AIMessage(turn.text);
}
