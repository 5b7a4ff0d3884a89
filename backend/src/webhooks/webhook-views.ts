import type { Webhook as WebhookView, WebhookDelivery as DeliveryView } from '../protocol/index.js';
import type { WebhookDelivery } from './webhook-delivery.entity.js';
import type { Webhook } from './webhook.entity.js';

export const viewWebhook = (webhook: Webhook, ownerEmail: string): WebhookView => ({
  id: webhook.id,
  scope: webhook.scope,
  name: webhook.name,
  url: webhook.url,
  events: webhook.events,
  status: webhook.status,
  failingSince: webhook.failingSince ?? null,
  ownerEmail,
  createdAt: webhook.createdAt,
});

export const viewDelivery = (delivery: WebhookDelivery): DeliveryView => ({
  id: delivery.id,
  webhookId: delivery.webhookId,
  type: delivery.type,
  status: delivery.status,
  attempts: delivery.attempts,
  createdAt: delivery.createdAt,
  attemptedAt: delivery.attemptedAt ?? null,
  dueAt: delivery.dueAt ?? null,
  answerStatus: delivery.answerStatus ?? null,
  failure: delivery.failure ?? null,
});
