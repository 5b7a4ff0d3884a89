import { localeInView, m } from '#lib/language/messages.svelte.ts';
import type { BudgetUnit } from '#protocol';
import { costWords, tokenWords } from '../format-usage.ts';

/** An amount in the unit of a budget: "12,000 tokens", or "€1.50" for 1,500,000 millionths. */
export function amountWords(unit: BudgetUnit, amount: number, currency: string): string {
  if (unit === 'tokens') return m.budget_tokens({ count: amount, amount: tokenWords(amount) });
  return costWords({ costMicros: amount }, currency) ?? '';
}

/** When a budget begins anew, in the time zone of this device: "Friday, 27 November at 01:00". */
export const resetWords = (at: number, locale = localeInView()): string =>
  new Intl.DateTimeFormat(locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: 'numeric',
    minute: '2-digit',
  }).format(at);
