import { dateOf } from '../../clock.js';

/** The day or the month at a time: both times are in milliseconds since 1970. */
export interface Period {
  readonly from: number;
  /** When the next one begins. */
  readonly resetsAt: number;
}

export const PERIODS = ['day', 'month'] as const;
export type PeriodName = (typeof PERIODS)[number];

const DAY_MS = 86_400_000;

/** The day and the month at the time `now`. They begin at midnight UTC, the same for everybody, like the dashboard's. */
export function periodsAt(now: number): Readonly<Record<PeriodName, Period>> {
  const day = now - (now % DAY_MS);
  const month = dateOf(day);
  month.setUTCDate(1);
  const from = month.getTime();
  month.setUTCMonth(month.getUTCMonth() + 1);
  return { day: { from: day, resetsAt: day + DAY_MS }, month: { from, resetsAt: month.getTime() } };
}
