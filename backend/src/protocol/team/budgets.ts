import { z } from 'zod';
import { uuid } from '../ids.js';
import { askingRole } from './model-access.js';
import { role } from './roles.js';

/** `tokens` counts input and output tokens; `money` counts their cost, in millionths of the configured currency. */
export const BUDGET_UNITS = ['tokens', 'money'] as const;
export const budgetUnit = z.enum(BUDGET_UNITS);
export type BudgetUnit = z.infer<typeof budgetUnit>;

/** The highest limit, in tokens or in millionths of the currency: sums with it stay exact. */
export const MAX_BUDGET_LIMIT = 1_000_000_000_000_000;

const amount = z.int().nonnegative();
const limit = amount.max(MAX_BUDGET_LIMIT).nullable();

/**
 * What may be used on a day and in a month, which begin at midnight UTC. `null` is no limit; a budget of a person
 * without both limits exempts them from that of their role.
 */
export const budget = z.strictObject({ unit: budgetUnit, day: limit, month: limit });
export type Budget = z.infer<typeof budget>;

/**
 * One limit, in the unit of the budget: `used` by runs that have ended, `reserved` by those that are active.
 * `resetsAt`: when the next period begins, in milliseconds since 1970, UTC.
 */
export const budgetPeriod = z.object({ limit: amount, used: amount, reserved: amount, resetsAt: amount });
export type BudgetPeriod = z.infer<typeof budgetPeriod>;

/** What is left of the budget that applies to a person; `null` for a period without a limit. */
export const budgetStanding = z.object({
  unit: budgetUnit,
  day: budgetPeriod.nullable(),
  month: budgetPeriod.nullable(),
});
export type BudgetStanding = z.infer<typeof budgetStanding>;

/** The user's own budget; `standing` is `null` without one. `currency` is an ISO 4217 code. */
export const ownBudget = z.object({ standing: budgetStanding.nullable(), currency: z.string() });
export type OwnBudget = z.infer<typeof ownBudget>;

/** The budget of a role, for everybody in it without a budget of their own; `null` is none. */
export const roleBudget = z.object({ role: askingRole, budget: budget.nullable() });
export type RoleBudget = z.infer<typeof roleBudget>;

const budgetUser = z.object({ id: uuid, name: z.string(), email: z.string() });

/** The own budget of a person, which replaces that of their role; `null` is none. */
export const personBudget = z.object({ user: budgetUser, budget: budget.nullable() });
export type PersonBudget = z.infer<typeof personBudget>;

/** A person with their own budget, if any, and what is left of the one that applies. */
export const budgetedPerson = personBudget.extend({ role, standing: budgetStanding.nullable() });
export type BudgetedPerson = z.infer<typeof budgetedPerson>;
