import type { ModelPrice, Usage } from '../../protocol/index.js';

const MILLION = 1_000_000;

/**
 * What the tokens cost, in millionths of the currency, rounded half up. A price for a million tokens is the same
 * number of millionths for one; it is scaled to a whole number first, since `0.145 * 100` is less than 14.5.
 */
export function costMicros({ inputTokens, outputTokens }: Usage, { input, output }: ModelPrice): number {
  const exact = BigInt(inputTokens) * scaled(input) + BigInt(outputTokens) * scaled(output);
  return Number((2n * exact + BigInt(MILLION)) / BigInt(2 * MILLION));
}

const scaled = (price: number): bigint => BigInt(Math.round(price * MILLION));
