import { m } from '#lib/language/admin-messages.svelte.ts';
import { localeInView } from '#lib/language/messages.svelte.ts';
import type { Budget, BudgetPeriod, BudgetStanding } from '#protocol';
import { amountWords } from '../../people/format-budget.ts';

const listed = (parts: readonly string[]): string =>
  new Intl.ListFormat(localeInView(), { type: 'unit', style: 'short' }).format(parts);

/** The limits of a budget, in a line. */
export function budgetText({ unit, day, month }: Budget, currency: string): string {
  const parts = [
    ...(day === null ? [] : [m.budgets_a_day({ amount: amountWords(unit, day, currency) })]),
    ...(month === null ? [] : [m.budgets_a_month({ amount: amountWords(unit, month, currency) })]),
  ];
  return parts.length === 0 ? m.budgets_none() : listed(parts);
}

/** What has been used of a budget, with what is reserved. */
export function usedText({ unit, day, month }: BudgetStanding, currency: string): string {
  const amounts = ({ limit, used, reserved }: BudgetPeriod) => ({
    used: amountWords(unit, used + reserved, currency),
    limit: amountWords(unit, limit, currency),
  });
  return listed([
    ...(day ? [m.budgets_used_today(amounts(day))] : []),
    ...(month ? [m.budgets_used_month(amounts(month))] : []),
  ]);
}

/** A budget as the audit has it, which knows no currency. */
export function auditedBudgetText(budget: unknown): string {
  if (!isBudget(budget)) return m.audit_budget_none();
  const number = new Intl.NumberFormat(localeInView());
  const amount = (limit: number): string =>
    budget.unit === 'tokens'
      ? m.budget_tokens({ count: limit, amount: number.format(limit) })
      : number.format(limit / 1_000_000);
  const parts = [
    ...(budget.day === null ? [] : [m.budgets_a_day({ amount: amount(budget.day) })]),
    ...(budget.month === null ? [] : [m.budgets_a_month({ amount: amount(budget.month) })]),
  ];
  return parts.length === 0 ? m.budgets_none() : listed(parts);
}

function isBudget(value: unknown): value is Budget {
  if (value === null || typeof value !== 'object') return false;
  const { unit, day, month } = value as Partial<Record<keyof Budget, unknown>>;
  const isLimit = (limit: unknown): boolean => limit === null || typeof limit === 'number';
  return (unit === 'tokens' || unit === 'money') && isLimit(day) && isLimit(month);
}
