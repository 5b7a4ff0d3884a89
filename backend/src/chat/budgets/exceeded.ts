import { userStream } from '../../protocol/index.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { readUser } from '../../users/user-row.js';
import { FORGET_EXCEEDED, NOTE_EXCEEDED } from './budget.statements.js';

/** Notes in the row of a user, and for all of their tabs, that messages are refused until the budget begins anew. */
export async function noteExceeded(transaction: LogTransaction, userId: string, resetsAt: number): Promise<void> {
  const [noted] = await transaction.all(NOTE_EXCEEDED, [userId, resetsAt]);
  if (noted) await appendUpdated(transaction, userId);
}

/** Takes the note back, if there is one. */
export async function forgetExceeded(transaction: LogTransaction, userId: string): Promise<void> {
  const [forgotten] = await transaction.all(FORGET_EXCEEDED, [userId]);
  if (forgotten) await appendUpdated(transaction, userId);
}

/** For the user's own tabs alone: admins do not see it. */
export async function appendUpdated(transaction: LogTransaction, userId: string): Promise<void> {
  const user = await readUser(transaction, userId);
  if (user) transaction.append(userStream(userId), { type: 'user.updated', data: user });
}
