import { localeInView } from '#lib/language/messages.svelte.ts';

/** An amount of money as the reader writes it, with as many digits as it has. Reactive, as the language is. */
export const priceText = (amount: number, currency: string): string =>
  new Intl.NumberFormat(localeInView(), {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: 0,
    maximumFractionDigits: 6,
  }).format(amount);
