import { ChatError } from '../../protocol/index.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { recordAct } from '../../users/admin/audit.js';
import { User } from '../../users/user.entity.js';
import type { Sessions } from './sessions.js';

/**
 * Ends all sessions of a user, with an entry in the audit; without any, nothing is written.
 * @param actorId the admin, or `null` for the command line
 * @returns how many
 * @throws ChatError `not_found`
 */
export async function endSessionsOf(
  transaction: LogTransaction,
  sessions: Pick<Sessions, 'endAll'>,
  { actorId, userId }: { readonly actorId: string | null; readonly userId: string },
): Promise<number> {
  const target = await transaction.em.findOne(User, { id: userId });
  if (!target) throw new ChatError('not_found', 'There is no such user.');
  const count = await sessions.endAll(transaction, userId);
  if (count > 0) await recordAct(transaction, { action: 'session.all_ended', actorId, target, detail: { count } });
  return count;
}
