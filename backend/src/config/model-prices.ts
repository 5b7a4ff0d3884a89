import { z } from 'zod';
import { modelPrice } from '../protocol/index.js';
import { byModel } from './by-model.js';

/** Costs are integers in millionths, so prices must have no more decimal places than this. */
const PRICE_DIGITS = 6;
const MOST = 1_000_000;

const amount = modelPrice.shape.input.max(MOST).refine((value) => Number(value.toFixed(PRICE_DIGITS)) === value, {
  message: `takes ${PRICE_DIGITS} digits behind the point at most`,
});

/** `MODEL_PRICES`: a JSON object from model ids to the prices of a million tokens. */
export const modelPrices = byModel(
  z.strictObject({ input: amount, output: amount }),
  '{"gpt-4.1": {"input": 2, "output": 8}}',
);

/** `PRICE_CURRENCY`: a currency that `Intl` supports. */
export const priceCurrency = z
  .string()
  .toUpperCase()
  .refine((code) => Intl.supportedValuesOf('currency').includes(code), { message: 'takes an ISO code such as EUR' });
