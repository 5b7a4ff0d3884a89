const DAY_MS = 86_400_000;

/** The choices for the life of a token: a number of days, until a date, or without an end. */
export const LIVES = ['30', '90', '365', 'date', 'never'] as const;
export type Life = (typeof LIVES)[number];

/**
 * When a token with this life expires, in milliseconds since 1970; `null` for never, `undefined` if the date is missing,
 * invalid or in the past. A date means the end of that day, in the time zone of the user.
 * @param date as `<input type="date">` gives it: `YYYY-MM-DD`
 */
export function expiryOf(life: Life, date: string, now: number): number | null | undefined {
  if (life === 'never') return null;
  if (life !== 'date') return now + Number(life) * DAY_MS;
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date) ?? [];
  if (year === undefined || Number(year) < 1970) return undefined;
  const end = new Date(Number(year), Number(month) - 1, Number(day) + 1).getTime();
  return end > now ? end : undefined;
}

/** A day as `<input type="date">` takes it, in the time zone of the user. */
export function dayOf(at: number): string {
  const date = new Date(at);
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
