import { localeInView, m } from '#lib/language/messages.svelte.ts';

const MICROS = 1_000_000;
/** The precision of micros. */
const MAX_DIGITS = 6;

interface Sum {
  readonly costMicros?: number | undefined;
  readonly estimated?: true | undefined;
}

/** A number of tokens; an estimate is marked as approximate. */
export function tokenWords(count: number, { estimated }: Sum = {}, locale = localeInView()): string {
  const number = new Intl.NumberFormat(locale).format(count);
  return estimated ? m.usage_about({ amount: number }) : number;
}

/** A cost, with as many digits as small sums need; `undefined` when unknown. */
export function costWords(
  { costMicros, estimated }: Sum,
  currency: string | undefined,
  locale = localeInView(),
): string | undefined {
  if (costMicros === undefined || currency === undefined) return undefined;
  const amount = formatMoney(costMicros / MICROS, currency, locale);
  return estimated ? m.usage_about({ amount }) : amount;
}

function formatMoney(amount: number, currency: string, locale: string): string {
  const options = { style: 'currency', currency } as const;
  const usual = new Intl.NumberFormat(locale, options);
  const digits = usual.resolvedOptions().maximumFractionDigits ?? 2;
  if (amount === 0 || amount >= 1) return usual.format(amount);
  // Two significant digits: 0.0012, not 0.00.
  const needed = Math.min(MAX_DIGITS, 1 - Math.floor(Math.log10(amount)));
  return new Intl.NumberFormat(locale, { ...options, maximumFractionDigits: Math.max(digits, needed) }).format(amount);
}
