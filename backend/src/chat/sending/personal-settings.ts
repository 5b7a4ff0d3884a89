import { toJson } from '../../database/sql/sql-values.js';
import type { ConversationSettings, Personal } from '../../protocol/index.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { READ_PERSONAL } from '../../users/user.statements.js';

/**
 * The settings that a new conversation gets from its owner: a copy of what they wrote for the model, so that later
 * changes leave older conversations as they were.
 */
export async function personalSettings(
  transaction: LogTransaction,
  userId: string,
): Promise<Pick<ConversationSettings, 'personal'>> {
  const [row] = await transaction.all(READ_PERSONAL, [userId]);
  const personal = toJson(row?.['personal']) as Personal | null;
  if (!personal?.used) return {};
  const { about, replies } = personal;
  if (about === '' && replies === '') return {};
  return { personal: { ...(about !== '' && { about }), ...(replies !== '' && { replies }) } };
}
