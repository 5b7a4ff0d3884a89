import { createHash } from 'node:crypto';
import { toBoolean } from '../../database/sql/sql-values.js';
import { ChatError, conversationStream } from '../../protocol/index.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import type { Begun } from './ask-command.js';
import { FIND_DUPLICATE, LOCK_NAME } from './idempotency.statements.js';

/** What makes a sending command the same as an earlier one. */
export interface IdempotencyKey {
  readonly userId: string;
  readonly clientMessageId: string;
  readonly payloadHash: string;
}

/** SHA-256 of a command's name and payload, base64url; the order of the keys does not matter. */
export function payloadHash(name: string, payload: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(payload)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([name, entries]))
    .digest('base64url');
}

/**
 * Lets the commands of a user that start runs take turns, until the transaction has ended. Three tables hold ids of
 * commands, and a unique index sees one of them only; and the number of a user's runs is counted before it grows.
 */
export async function lockStarts(transaction: LogTransaction, userId: string): Promise<void> {
  if (transaction.kind === 'postgresql') await transaction.all(LOCK_NAME, [`starts:${userId}`]);
}

/**
 * What this very command has led to before: a message, a run that goes on with one, or a message that waits. Others
 * of the user wait meanwhile until the caller's transaction has ended.
 * @throws ChatError `idempotency_mismatch` when the id came with another payload
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
