import type { Usage } from '../../protocol/index.js';

/** What a provider says that it counted, before anything of it is believed. */
export interface ClaimedCounts {
  readonly inputTokens: unknown;
  readonly outputTokens: unknown;
}

/** The most that a column for the tokens of one run or one message holds: 32 bits with a sign. */
export const MAX_TOKENS = 2 ** 31 - 1;

/** Whether it is a number of tokens, and one that can be stored: neither negative, nor a fraction, nor absurd. */
export const isTokenCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= MAX_TOKENS;

/**
 * Adds up what a provider counted over one answer: some count the question in the first chunk and the reply in the last.
 * The one place that decides whether counts are used, for every provider.
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

  /** The sum; `undefined` where nothing was counted, or anything of it cannot be right: then it is to be estimated. */
  get total(): Usage | undefined {
    const { inputTokens, outputTokens } = this;
    const isCredible = this.isCredible && isTokenCount(inputTokens) && isTokenCount(outputTokens);
    return this.isCounted && isCredible ? { inputTokens, outputTokens } : undefined;
  }
}
