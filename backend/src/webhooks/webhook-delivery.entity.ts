import { defineEntity, p } from '@mikro-orm/core';
import type { DeliveryFailure, WebhookDelivery as DeliveryView } from '../protocol/index.js';
import { Webhook } from './webhook.entity.js';

const WebhookDeliverySchema = defineEntity({
  name: 'WebhookDelivery',
  tableName: 'webhook_deliveries',
  properties: {
    id: p.uuid().primary(),
    webhookId: () => p.manyToOne(Webhook).mapToPk().fieldName('webhook_id').deleteRule('cascade').index(),
    type: p.string().length(40),
    /** The body of the request, as JSON: every attempt sends the same bytes. */
    payload: p.text(),
    status: p.string().length(20).$type<DeliveryView['status']>(),
    /** Counts all attempts. Only the worker of the last one may write its outcome, so this is also the fence. */
    attempts: p.integer(),
    /** Failed attempts since the event, or since a user tried again. They determine the next pause. */
    failures: p.integer(),
    createdAt: p.bigint('number').index(),
    attemptedAt: p.bigint('number').nullable(),
    /** `null` once the delivery has succeeded or was given up. */
    dueAt: p.bigint('number').nullable().index(),
    /** A worker is sending it until then; after that it has died. */
    leaseUntil: p.bigint('number').nullable(),
    giveUpAt: p.bigint('number'),
    answerStatus: p.integer().nullable(),
    failure: p.string().length(40).$type<DeliveryFailure>().nullable(),
  },
});

/** An event for a webhook, written in the transaction of the event, so that none is lost. */
export class WebhookDelivery extends WebhookDeliverySchema.class {}
WebhookDeliverySchema.setClass(WebhookDelivery);
