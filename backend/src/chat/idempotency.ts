import { createHash } from 'node:crypto';
import type { EntityManager } from '../database/database.js';
import { ChatError } from '../protocol/index.js';
import { Message } from './message.entity.js';

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
 * The message that this very command has created before.
 * @throws ChatError `idempotency_mismatch` when the id came with another payload
 */
export async function findDuplicate(em: EntityManager, key: IdempotencyKey): Promise<Message | null> {
  const { userId, clientMessageId } = key;
  const message = await em.findOne(Message, { userId, clientMessageId });
  if (message && message.payloadHash !== key.payloadHash) {
    throw new ChatError('idempotency_mismatch', 'This clientMessageId was used for something else.');
  }
  return message;
}
