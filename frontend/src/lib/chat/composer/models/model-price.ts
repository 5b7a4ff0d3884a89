import { localeInView } from '#lib/language/messages.svelte.ts';

/** An amount of money in the format of the user's language: whole, or with all its digits. Reactive. */
export const priceText = (amount: number, currency: string): string =>
  new Intl.NumberFormat(localeInView(), {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: Number.isInteger(amount) ? 0 : 2,
    maximumFractionDigits: 6,
  }).format(amount);
