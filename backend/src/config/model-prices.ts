import { z } from 'zod';
import { modelPrice } from '../protocol/index.js';
import { byModel } from './by-model.js';

/** Costs are counted in whole millionths: a price must be exact in the same digits. */
const PRICE_DIGITS = 6;
const MOST = 1_000_000;

const amount = modelPrice.shape.input.max(MOST).refine((value) => Number(value.toFixed(PRICE_DIGITS)) === value, {
  message: `takes ${PRICE_DIGITS} digits behind the point at most`,
});

/** `MODEL_PRICES`: a JSON object from the id of a model to what a million tokens of it cost. */
export const modelPrices = byModel(
  z.strictObject({ input: amount, output: amount }),
  '{"gpt-4.1": {"input": 2, "output": 8}}',
);

/** `PRICE_CURRENCY`: one that this machine can write out. */
export const priceCurrency = z
  .string()
  .toUpperCase()
  .refine((code) => Intl.supportedValuesOf('currency').includes(code), { message: 'takes an ISO code such as EUR' });
