import { localeInView } from '#lib/language/messages.svelte.ts';

/** An amount of money as the reader writes it: whole, or with all its digits. Reactive, as the language is. */
export const priceText = (amount: number, currency: string): string =>
  new Intl.NumberFormat(localeInView(), {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: Number.isInteger(amount) ? 0 : 2,
    maximumFractionDigits: 6,
  }).format(amount);
