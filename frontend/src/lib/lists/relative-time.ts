import { localeInView, m } from '#lib/language/messages.svelte.ts';

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

const NEW_MS = 45_000;

/** The age of `at` in words: "just now", "5 min. ago", "yesterday". Both in milliseconds since 1970. */
export function relativeTime(at: number, now: number, locale = localeInView()): string {
  const passedMs = Math.max(0, now - at);
  if (passedMs < NEW_MS) return m.time_just_now();
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
  for (const [unit, unitMs] of UNITS) {
    // A unit is used from three quarters of it on: 50 minutes are an hour.
    if (passedMs >= unitMs * 0.75) return format.format(-Math.max(1, Math.round(passedMs / unitMs)), unit);
  }
  return m.time_just_now();
}
