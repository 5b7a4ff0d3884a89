import type { Amount, ExpectedUse } from '../../models/usage/expected-use.js';
import type { Budget, BudgetPeriod, BudgetStanding, BudgetUnit } from '../../protocol/index.js';
import { type PeriodName, PERIODS, periodsAt } from './budget-periods.js';

/** What a user has used in the current periods, and what their active runs have reserved. */
export interface Spent extends Readonly<Record<PeriodName, Amount>> {
  readonly reserved: Amount;
}

/** What is left of a budget at the time `now`. */
export function standingOf(budget: Budget, spent: Spent, now: number): BudgetStanding {
  const { unit } = budget;
  const periods = periodsAt(now);
  const view = (name: PeriodName): BudgetPeriod | null => {
    const limit = budget[name];
    if (limit === null) return null;
    const [used, reserved] = [inUnit(unit, spent[name]), inUnit(unit, spent.reserved)];
    return { limit, used, reserved, resetsAt: periods[name].resetsAt };
  };
  return { unit, day: view('day'), month: view('month') };
}

/** The budget that a run exceeds, and when it begins anew; the month if both periods are exceeded. */
export interface ExceededPeriod {
  readonly period: PeriodName;
  readonly resetsAt: number;
}

/** What a run reserves, or why it is refused. */
export type Verdict = { readonly reserved: Amount } | ExceededPeriod;

/**
 * Judges whether a run fits into what is left of a budget. If its reply may be of any length, it reserves no more than
 * what is left: otherwise the last tokens of a budget could not be used.
 */
export function judge(standing: BudgetStanding, { whole, least }: ExpectedUse): Verdict {
  const { unit } = standing;
  const need = inUnit(unit, least);
  const periods = PERIODS.flatMap((name) => (standing[name] === null ? [] : [{ name, ...standing[name] }]));
  // The month never begins anew before the day.
  const exceeded = periods.findLast((period) => need > leftOf(period));
  // A model without a price uses nothing of a budget of money.
  if (need > 0 && exceeded) return { period: exceeded.name, resetsAt: exceeded.resetsAt };
  const reserved = Math.max(0, Math.min(inUnit(unit, whole), ...periods.map(leftOf)));
  return { reserved: unit === 'tokens' ? { ...whole, tokens: reserved } : { ...whole, micros: reserved } };
}

/** Whether anything is left in each period. */
export const hasRoom = ({ day, month }: BudgetStanding): boolean =>
  [day, month].every((period) => period === null || leftOf(period) > 0);

const leftOf = ({ limit, used, reserved }: BudgetPeriod): number => limit - used - reserved;

const inUnit = (unit: BudgetUnit, { tokens, micros }: Amount): number => (unit === 'tokens' ? tokens : micros);
