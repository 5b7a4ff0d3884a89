import type { ModelPrice, Usage } from '../../protocol/index.js';

const MILLION = 1_000_000;

/**
 * The cost of the tokens in millionths of the currency, rounded half up. The price of a million tokens in units is the
 * price of one token in millionths. It is scaled to an integer first, since `0.145 * 100` is less than 14.5.
 */
export function costMicros({ inputTokens, outputTokens }: Usage, { input, output }: ModelPrice): number {
  const exact = BigInt(inputTokens) * scaled(input) + BigInt(outputTokens) * scaled(output);
  return Number((2n * exact + BigInt(MILLION)) / BigInt(2 * MILLION));
}

const scaled = (price: number): bigint => BigInt(Math.round(price * MILLION));
