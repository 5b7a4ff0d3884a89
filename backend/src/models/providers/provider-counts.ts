import type { UsageMetadata } from '@langchain/core/messages';
import type { ClaimedCounts } from '../usage/token-counts.js';

/**
 * Adds up the token counts that a package reports during an answer. In general each message has the new counts only,
 * but some packages differ.
 */
export class ProviderCounts {
  private readonly counted = new Set<UsageMetadata>();
  private inputTokens = 0;
  private outputTokens = 0;

  constructor(private readonly provider: string) {}

  add(counts: UsageMetadata | undefined): void {
    // Gemini's package repeats the same object in messages without new counts.
    if (!counts || this.counted.has(counts)) return;
    this.counted.add(counts);
    const { input_tokens: input, output_tokens: output, total_tokens: total } = counts;
    this.inputTokens += input;
    switch (this.provider) {
      case 'anthropic':
        // Its last count is that of the whole answer.
        this.outputTokens = output;
        break;
      case 'google-genai':
      case 'google':
        // Thoughts are not in the count of output tokens, but cost the same.
        this.outputTokens += Math.max(output, total - input);
        break;
      default:
        this.outputTokens += output;
    }
  }

  get total(): ClaimedCounts | undefined {
    const { counted, inputTokens, outputTokens } = this;
    // Ollama's package reports 0 when the server reports nothing.
    return counted.size > 0 && inputTokens + outputTokens !== 0 ? { inputTokens, outputTokens } : undefined;
  }
}
