import type { Usage } from '../../protocol/index.js';

/** Token counts from a provider, not validated. */
export interface ClaimedCounts {
  readonly inputTokens: unknown;
  readonly outputTokens: unknown;
}

/** The largest value of the columns for tokens of a run or message, which are signed 32-bit integers. */
export const MAX_TOKENS = 2 ** 31 - 1;

/** Whether a value is a token count that can be stored: an integer from 0 to `MAX_TOKENS`. */
export const isTokenCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= MAX_TOKENS;

/**
 * Adds up a provider's token counts of one answer: some send those of the question with the first chunk and those of
 * the reply with the last. For all providers the validity of counts is decided here.
 */
export class TokenCounts {
  private inputTokens = 0;
  private outputTokens = 0;
  private isCounted = false;
  private isCredible = true;

  add({ inputTokens, outputTokens }: ClaimedCounts): void {
    this.isCounted = true;
    if (!isTokenCount(inputTokens) || !isTokenCount(outputTokens)) {
      this.isCredible = false;
      return;
    }
    this.inputTokens += inputTokens;
    this.outputTokens += outputTokens;
  }

  /** The sum; `undefined` without counts or with any invalid one, so that the usage has to be estimated. */
  get total(): Usage | undefined {
    const { inputTokens, outputTokens } = this;
    const isCredible = this.isCredible && isTokenCount(inputTokens) && isTokenCount(outputTokens);
    return this.isCounted && isCredible ? { inputTokens, outputTokens } : undefined;
  }
}
