import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { LOCK_NAME } from '../sending/idempotency.statements.js';

/** Changes of budgets and notes of refusals take turns, so that no note outlives the budget that caused it. */
export async function lockBudgets(transaction: LogTransaction): Promise<void> {
  if (transaction.kind === 'postgresql') await transaction.all(LOCK_NAME, ['budgets']);
}
