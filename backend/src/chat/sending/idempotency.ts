import { createHash } from 'node:crypto';
import { toBoolean } from '../../database/sql/sql-values.js';
import { ChatError, conversationStream } from '../../protocol/index.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import type { Begun } from './ask-command.js';
import { FIND_DUPLICATE, LOCK_NAME } from './idempotency.statements.js';

/** Identifies a command: the same key means the same command again. */
export interface IdempotencyKey {
  readonly userId: string;
  readonly clientMessageId: string;
  readonly payloadHash: string;
}

/** SHA-256 of the name and payload of a command, in base64url; the order of the payload's keys does not matter. */
export function payloadHash(name: string, payload: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(payload)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([name, entries]))
    .digest('base64url');
}

/**
 * Makes the commands of a user that start runs wait for each other until the end of the transaction. A lock is needed
 * because ids of commands are in three tables, which no unique index covers, and because the user's active runs are
 * counted before another one is added.
 */
export async function lockStarts(transaction: Pick<LogTransaction, 'kind' | 'all'>, userId: string): Promise<void> {
  if (transaction.kind === 'postgresql') await transaction.all(LOCK_NAME, [`starts:${userId}`]);
}

/**
 * Finds the earlier result of a command: a message, a run that continues one, or a queued message. Other commands of
 * the user wait until the end of the caller's transaction.
 * @throws ChatError `idempotency_mismatch` when the id was used with another payload
 */
export async function findDuplicate(transaction: LogTransaction, key: IdempotencyKey): Promise<Begun | null> {
  const { userId, clientMessageId } = key;
  await lockStarts(transaction, userId);
  const [found] = await transaction.all(FIND_DUPLICATE, [userId, clientMessageId]);
  if (!found) return null;
  if (found['payload_hash'] !== key.payloadHash) {
    throw new ChatError('idempotency_mismatch', 'This clientMessageId was used for something else.');
  }
  return {
    duplicate: true,
    messageId: found['message_id'] as string,
    runId: (found['run_id'] ?? '') as string,
    position: { seq: await transaction.head(conversationStream(found['conversation_id'] as string)) },
    ...(toBoolean(found['is_queued']) && { queued: true }),
  };
}
