import type { ModelsConfig } from '../../config/config.js';
import type { Turn } from '../model-request.js';
import { estimateTokens } from './token-estimate.js';

export type PromptConfig = Pick<ModelsConfig, 'systemPrompt' | 'contextTokens'>;

/** Estimates the tokens of the messages that `writePrompt` would return, without creating them. */
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
