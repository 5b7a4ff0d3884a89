import type { UsageItem } from '#protocol';
import type { ChartData } from '../charts/chart-data.ts';
import { dayOf, type UsageFilter } from './usage-filter.ts';

/** The tokens of each day of the filter, also of days without use; the oldest first. */
export function daysOf(
  items: readonly UsageItem[],
  { from, to }: Pick<UsageFilter, 'from' | 'to'>,
  labels: { readonly input: string; readonly output: string },
): ChartData {
  const times: number[] = [];
  // By the calendar, since days at which the clock changes have 23 or 25 hours.
  for (const date = new Date(`${from}T00:00`); dayOf(date.getTime()) <= to; date.setDate(date.getDate() + 1)) {
    times.push(date.getTime());
  }
  const known = new Map(items.map((item) => [item.key, item]));
  const valuesOf = (key: 'inputTokens' | 'outputTokens') => times.map((at) => known.get(dayOf(at))?.[key] ?? 0);
  return {
    times,
    series: [
      { label: labels.input, values: valuesOf('inputTokens') },
      { label: labels.output, values: valuesOf('outputTokens') },
    ],
  };
}
