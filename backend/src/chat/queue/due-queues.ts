import type { Database } from '../../database/database.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { FIND_DUE, FIND_DUE_OF_CONVERSATION, FIND_DUE_OF_USER } from './queue.statements.js';

/** The conversations whose next queued message is due, of one user or of all; the longest wait first. */
export async function findDueQueues(database: Database, userId: string | undefined): Promise<string[]> {
  const now = database.clock.now();
  const rows = await (userId === undefined
    ? database.query(FIND_DUE, [now])
    : database.query(FIND_DUE_OF_USER, [now, userId]));
  return rows.map((row) => row['conversation_id'] as string);
}

/** Whether the next queued message of a conversation is due. */
export async function isDue(transaction: LogTransaction, conversationId: string): Promise<boolean> {
  return (await transaction.all(FIND_DUE_OF_CONVERSATION, [transaction.at, conversationId])).length > 0;
}
