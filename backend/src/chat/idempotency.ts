import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { type EntityManager, isPostgres } from '../database/database.js';
import { ChatError } from '../protocol/index.js';
import { Message } from './message.entity.js';
import { QueuedMessage } from './queued-message.entity.js';
import { Run } from './run.entity.js';

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

/** What a command has led to before. */
export interface Repeated {
  readonly conversationId: string;
  readonly messageId: string;
  readonly runId: string;
  /** Its message still waits for its turn. */
  readonly isQueued: boolean;
}

/**
 * What this very command has led to before: a message, a run that goes on with one, or a message that waits. Whoever
 * asks with the same key meanwhile, in whichever conversation, waits until the caller's transaction has ended.
 * @throws ChatError `idempotency_mismatch` when the id came with another payload
 */
export async function findDuplicate(em: EntityManager, key: IdempotencyKey): Promise<Repeated | null> {
  await lockKey(em, key);
  const { userId, clientMessageId } = key;
  const message = await em.findOne(Message, { userId, clientMessageId });
  if (message) return earlier(message, key, { messageId: message.id, runId: await firstRunOf(em, message) });
  const run = await em.findOne(Run, { userId, clientMessageId });
  if (run) return earlier(run, key, { messageId: run.messageId, runId: run.id });
  const queued = await em.findOne(QueuedMessage, { userId, clientMessageId });
  if (!queued) return null;
  const isWaiting = typeof queued.withdrawnAt !== 'number';
  return earlier(queued, key, { messageId: queued.id, runId: queued.runId }, isWaiting);
}

/** Three tables hold such ids, and a unique index sees one of them only. SQLite writes one transaction at a time. */
async function lockKey(em: EntityManager, { userId, clientMessageId }: IdempotencyKey): Promise<void> {
  if (!isPostgres(em)) return;
  const name = `${userId}:${clientMessageId}`;
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(em.getKysely());
}

/** A reply that was continued has had several; the command began the first. */
async function firstRunOf(em: EntityManager, message: Message): Promise<string> {
  const first = await em.findOne(Run, { messageId: message.id, clientMessageId: null });
  return first?.id ?? message.runId ?? '';
}

function earlier(
  found: Message | Run | QueuedMessage,
  key: IdempotencyKey,
  ids: Pick<Repeated, 'messageId' | 'runId'>,
  isQueued = false,
): Repeated {
  if (found.payloadHash !== key.payloadHash) {
    throw new ChatError('idempotency_mismatch', 'This clientMessageId was used for something else.');
  }
  return { ...ids, conversationId: found.conversationId, isQueued };
}
