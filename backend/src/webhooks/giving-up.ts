import type { LogTransaction } from '../streams/log/log-transaction.js';
import { streamOf } from './webhook-stream.js';
import { viewDelivery } from './webhook-views.js';
import { WebhookDelivery } from './webhook-delivery.entity.js';
import type { Webhook } from './webhook.entity.js';

/** Gives up what a webhook was still to be sent, because it was turned off. The caller has locked the webhook. */
export async function giveUpDeliveries(transaction: LogTransaction, webhook: Webhook): Promise<void> {
  const pending = await transaction.em.find(WebhookDelivery, { webhookId: webhook.id, dueAt: { $ne: null } });
  for (const delivery of pending) {
    Object.assign(delivery, { status: 'failed', failure: 'turned_off', dueAt: null });
    transaction.append(streamOf(webhook), { type: 'webhook.delivery', data: viewDelivery(delivery) });
  }
}
