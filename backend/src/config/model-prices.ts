import { z } from 'zod';
import { type ModelPrice, modelPrice } from '../protocol/index.js';

/** Costs are counted in whole millionths: a price must be exact in the same digits. */
const PRICE_DIGITS = 6;
const MOST = 1_000_000;

const amount = modelPrice.shape.input.max(MOST).refine((value) => Number(value.toFixed(PRICE_DIGITS)) === value, {
  message: `takes ${PRICE_DIGITS} digits behind the point at most`,
});
const prices = z.record(z.string(), z.strictObject({ input: amount, output: amount }));

/** `MODEL_PRICES`: a JSON object from the id of a model to what a million tokens of it cost. */
export const modelPrices = z.string().transform((text, context): ReadonlyMap<string, ModelPrice> => {
  const parsed = prices.safeParse(parse(text));
  if (parsed.success) return new Map(Object.entries(parsed.data));
  const reasons = parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
  const example = '{"gpt-4.1": {"input": 2, "output": 8}}';
  context.addIssue({ code: 'custom', message: `takes JSON such as ${example} (${reasons.join('; ')})` });
  return z.NEVER;
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** `PRICE_CURRENCY`: one that this machine can write out. */
export const priceCurrency = z
  .string()
  .toUpperCase()
  .refine((code) => Intl.supportedValuesOf('currency').includes(code), { message: 'takes an ISO code such as EUR' });
