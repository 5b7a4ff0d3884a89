import { toJson, toNumber, toNumberOrNull } from '../../database/sql/sql-values.js';
import type { SqlRow } from '../../database/sql/statement.js';
import type { RunsStatements } from '../../database/transactions/transaction.js';
import type { Budget, BudgetStanding } from '../../protocol/index.js';
import { periodsAt } from './budget-periods.js';
import { type Spent, standingOf } from './budget-verdict.js';
import type { BudgetRow } from './budget.entity.js';
import { READ_BUDGET, READ_SPENT } from './budget.statements.js';

/** The budget that applies to a user, and until when their messages are refused; `null`: none, and not at all. */
export interface AppliedBudget {
  readonly budget: Budget | null;
  readonly resetsAt: number | null;
}

/** The columns `budget` and `budget_resets_at` of a row. */
export const appliedBudgetOf = (row: SqlRow): AppliedBudget => ({
  budget: toJson(row['budget']) as Budget | null,
  resetsAt: toNumberOrNull(row['budget_resets_at']),
});

export async function readBudget({ all }: RunsStatements, userId: string): Promise<AppliedBudget> {
  const [row = {}] = await all(READ_BUDGET, [userId]);
  return appliedBudgetOf(row);
}

/** What is left of the budget of a user at the time `now`. */
export async function readStandingOf(
  { all }: RunsStatements,
  userId: string,
  budget: Budget,
  now: number,
): Promise<BudgetStanding> {
  const { day, month } = periodsAt(now);
  const [row = {}] = await all(READ_SPENT, [userId, day.from, month.from]);
  return standingOf(budget, spentOf(row), now);
}

const spentOf = (row: SqlRow): Spent => {
  const amount = (name: string) => ({
    tokens: toNumber(row[`${name}_tokens`]),
    micros: toNumber(row[`${name}_micros`]),
  });
  return { day: amount('day'), month: amount('month'), reserved: amount('reserved') };
};

export const viewBudget = ({ unit, dayLimit, monthLimit }: BudgetRow): Budget => ({
  unit,
  day: dayLimit ?? null,
  month: monthLimit ?? null,
});
