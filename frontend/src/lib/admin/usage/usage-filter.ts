import { USAGE_GROUPS, type UsageGroup } from '#protocol';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
const MOST_DAYS = 366;

/** Days as `YYYY-MM-DD` in the calendar of the browser, both included. */
export interface UsageFilter {
  readonly by: UsageGroup;
  readonly from: string;
  readonly to: string;
}

/** A day of the calendar of the browser. */
export function dayOf(at: number): string {
  const date = new Date(at);
  const parts = [date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0'));
  return [date.getFullYear(), ...parts].join('-');
}

/** The last days, including today. */
export const lastDays = (days: number, now: number): Pick<UsageFilter, 'from' | 'to'> => ({
  from: dayOf(now - (days - 1) * DAY_MS),
  to: dayOf(now),
});

const isDay = (text: string | null): text is string =>
  text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));

/** The filter in an address; by person and the last 30 days where it has none, or one that the server would refuse. */
export function filterOf(parameters: Pick<URLSearchParams, 'get'>, now: number): UsageFilter {
  const by = USAGE_GROUPS.find((group) => group === parameters.get('by')) ?? 'person';
  const [from, to] = [parameters.get('from'), parameters.get('to')];
  if (!isDay(from) || !isDay(to)) return { by, ...lastDays(DEFAULT_DAYS, now) };
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  return days >= 1 && days <= MOST_DAYS ? { by, from, to } : { by, ...lastDays(DEFAULT_DAYS, now) };
}

/** The query of the requests: with the time zone at the beginning of the span. */
export function queryOf({ by, from, to }: UsageFilter): string {
  const offset = -new Date(`${from}T00:00`).getTimezoneOffset();
  return new URLSearchParams({ by, from, to, utcOffsetMinutes: String(offset) }).toString();
}
