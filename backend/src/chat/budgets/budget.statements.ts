import { statement } from '../../database/sql/statement.js';

/**
 * The budget that applies to the user `$1`, as a JSON object: their own one, else that of their role. As text, for
 * statements that read more; `object` is the function of the database that makes a JSON object.
 */
export const budgetOf = (object: string): string => `
  select ${object}('unit', unit, 'day', day_limit, 'month', month_limit)
  from budgets join users on users.id = $1 and (budgets.user_id = users.id or budgets.role = users.role)
  order by budgets.user_id is null limit 1`;

const readBudget = (object: string): string => `
  select budget_resets_at, (${budgetOf(object)}) as budget from users where id = $1`;

/** The budget that applies to the user `$1`, and until when their messages are refused. */
export const READ_BUDGET = statement({
  sqlite: readBudget('json_object'),
  postgresql: readBudget('json_build_object'),
});

/** What the user `$1` has used since `$2` (the day) and `$3` (the month), and what their active runs have reserved. */
export const READ_SPENT = statement(`
  select
    coalesce(sum(case when at >= $2 then input_tokens end), 0)
      + coalesce(sum(case when at >= $2 then output_tokens end), 0) as day_tokens,
    coalesce(sum(case when at >= $2 then cost_micros end), 0) as day_micros,
    coalesce(sum(input_tokens), 0) + coalesce(sum(output_tokens), 0) as month_tokens,
    coalesce(sum(cost_micros), 0) as month_micros,
    (select coalesce(sum(reserved_tokens), 0) from runs where user_id = $1 and status = 'running')
      + (select coalesce(sum(reserved_tokens), 0) from unkept_runs where user_id = $1) as reserved_tokens,
    (select coalesce(sum(reserved_micros), 0) from runs where user_id = $1 and status = 'running')
      + (select coalesce(sum(reserved_micros), 0) from unkept_runs where user_id = $1) as reserved_micros
  from usage_entries where user_id = $1 and at >= $3`);

/** Notes that messages of the user `$1` are refused until `$2`; returns no row if that is known. */
export const NOTE_EXCEEDED = statement(`
  update users set budget_resets_at = $2 where id = $1 and (budget_resets_at is null or budget_resets_at <> $2)
  returning id`);

/** Forgets that messages of the user `$1` are refused. */
export const FORGET_EXCEEDED = statement(`
  update users set budget_resets_at = null where id = $1 and budget_resets_at is not null returning id`);

/** Forgets it for all users with the role `$1`. */
export const FORGET_EXCEEDED_OF_ROLE = statement(`
  update users set budget_resets_at = null where role = $1 and budget_resets_at is not null returning id`);
