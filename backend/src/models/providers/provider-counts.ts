import type { UsageMetadata } from '@langchain/core/messages';
import type { ClaimedCounts } from '../usage/token-counts.js';

/**
 * Puts together what the packages say of tokens in the course of an answer: each message has the counts that are new,
 * but for some that are not.
 */
export class ProviderCounts {
  private readonly counted = new Set<UsageMetadata>();
  private inputTokens = 0;
  private outputTokens = 0;

  constructor(private readonly provider: string) {}

  add(counts: UsageMetadata | undefined): void {
    // Gemini's package gives the same object again with messages that say nothing of tokens.
    if (!counts || this.counted.has(counts)) return;
    this.counted.add(counts);
    const { input_tokens: input, output_tokens: output, total_tokens: total } = counts;
    this.inputTokens += input;
    switch (this.provider) {
      case 'anthropic':
        // Its last count is of the whole answer, the first token included.
        this.outputTokens = output;
        break;
      case 'google-genai':
      case 'google':
        // Thoughts are no candidates, but cost what these cost.
        this.outputTokens += Math.max(output, total - input);
        break;
      default:
        this.outputTokens += output;
    }
  }

  get total(): ClaimedCounts | undefined {
    const { counted, inputTokens, outputTokens } = this;
    // Ollama's package says 0 where the server says nothing.
    return counted.size > 0 && inputTokens + outputTokens !== 0 ? { inputTokens, outputTokens } : undefined;
  }
}
