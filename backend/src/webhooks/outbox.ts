import { dateOf } from '../clock.js';
import type { SqlRow } from '../database/sql/statement.js';
import { toJson } from '../database/sql/sql-values.js';
import type { RunStatement } from '../database/transactions/transaction.js';
import type { FinalStatus, Role, Usage, WebhookEvent } from '../protocol/index.js';
import type { WebhookPayload } from '../protocol/webhooks/payloads.js';
import { GIVE_UP_AFTER_MS } from './sending/back-off.js';
import { ADD_DELIVERY, READ_LISTENERS } from './webhook.statements.js';

/*
 * Events for webhooks are written in the transaction of what they tell of, so that a crash loses none and a rollback
 * sends none. Every transaction locks its other rows first and these last.
 */

/** The parts of a transaction that adding an event needs. */
export interface OutboxTransaction {
  readonly all: RunStatement;
  readonly at: number;
  newId(): string;
}

export interface FinishedRun {
  readonly runId: string;
  readonly conversationId: string | null;
  readonly messageId: string | null;
  readonly userId: string;
  readonly model: string;
  readonly status: FinalStatus;
  readonly errorCode?: string | undefined;
  readonly usage?: Usage | undefined;
}

type Data<Type> = Extract<WebhookPayload, { type: Type }>['data'];

/** Adds `run.finished` for the webhooks of the user and of admins. */
export function addFinishedRun(transaction: OutboxTransaction, run: FinishedRun): Promise<void> {
  const { usage, errorCode = null, ...rest } = run;
  const counts = {
    inputTokens: usage?.inputTokens ?? null,
    outputTokens: usage?.outputTokens ?? null,
    costMicros: usage?.costMicros ?? null,
  };
  return addForListeners(transaction, 'run.finished', run.userId, { ...rest, errorCode, ...counts });
}

/** Adds `user.added` for the webhooks of admins. */
export const addNewUser = (transaction: OutboxTransaction, userId: string, role: Role): Promise<void> =>
  addForListeners(transaction, 'user.added', userId, { userId, role });

/** Adds `webhook.test` for one webhook. @returns the id of the delivery */
export const addTest = (transaction: OutboxTransaction, webhookId: string): Promise<string> =>
  addTo(transaction, webhookId, { type: 'webhook.test', data: { webhookId } });

async function addForListeners<Type extends WebhookEvent & WebhookPayload['type']>(
  transaction: OutboxTransaction,
  type: Type,
  userId: string,
  data: Data<Type>,
): Promise<void> {
  for (const row of await transaction.all(READ_LISTENERS, [userId])) {
    if (hears(row, type)) await addTo(transaction, String(row['id']), { type, data });
  }
}

const hears = (row: SqlRow, type: WebhookEvent): boolean =>
  (toJson(row['events']) as readonly WebhookEvent[]).includes(type);

async function addTo(
  transaction: OutboxTransaction,
  webhookId: string,
  event: Pick<WebhookPayload, 'type' | 'data'>,
): Promise<string> {
  const { at } = transaction;
  const id = transaction.newId();
  const payload = JSON.stringify({ type: event.type, timestamp: dateOf(at).toISOString(), data: event.data });
  await transaction.all(ADD_DELIVERY, [id, webhookId, event.type, payload, at, at + GIVE_UP_AFTER_MS]);
  return id;
}
