import { dateOf } from '../../clock.js';
import type { Amount, ExpectedUse } from '../../models/usage/expected-use.js';
import { ChatError, userStream } from '../../protocol/index.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { lockStarts } from '../sending/idempotency.js';
import { type AppliedBudget, readBudget, readStandingOf } from './budget-rows.js';
import { type ExceededPeriod, hasRoom, judge } from './budget-verdict.js';
import { forgetExceeded } from './exceeded.js';

/** A run does not fit into what is left of the user's budget. */
export class BudgetExceeded extends ChatError {
  constructor(
    readonly userId: string,
    readonly expected: ExpectedUse,
    /** All tabs know already. */
    readonly isNoted: boolean,
    readonly exceeded: ExceededPeriod,
    now: number,
  ) {
    const { resetsAt } = exceeded;
    const until = dateOf(resetsAt).toISOString();
    super('budget_exceeded', `Your budget is used up. It begins anew at ${until}.`, {
      resetsAt,
      retryAfterMs: Math.max(0, resetsAt - now),
    });
  }
}

/**
 * Returns what a new run reserves of the user's budget; the caller writes it into the row of the run, so the
 * reservation ends when the run does, in whatever way. The user's other commands that start runs must be locked.
 * @throws BudgetExceeded
 */
export async function reserve(
  transaction: LogTransaction,
  userId: string,
  { budget, resetsAt }: AppliedBudget,
  expected: ExpectedUse,
): Promise<Amount> {
  const { at } = transaction;
  if (!budget) return expected.whole;
  const verdict = judge(await readStandingOf(transaction, userId, budget, at), expected);
  if ('resetsAt' in verdict) {
    throw new BudgetExceeded(userId, expected, resetsAt === verdict.resetsAt, verdict, at);
  }
  if (resetsAt !== null) await forgetExceeded(transaction, userId);
  transaction.append(userStream(userId), { type: 'budget.changed', data: {} });
  return verdict.reserved;
}

/**
 * Call it when a run of a user with a budget has ended and its usage is written. If messages were refused because of
 * what the run had reserved, they are not any more.
 */
export async function settle(transaction: LogTransaction, userId: string): Promise<void> {
  // A refusal that saw the run active is noted before this, or judges again after it.
  await lockStarts(transaction, userId);
  const { budget, resetsAt } = await readBudget(transaction, userId);
  if (!budget) return;
  transaction.append(userStream(userId), { type: 'budget.changed', data: {} });
  if (resetsAt === null) return;
  if (hasRoom(await readStandingOf(transaction, userId, budget, transaction.at))) {
    await forgetExceeded(transaction, userId);
  }
}
