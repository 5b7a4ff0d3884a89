import { Injectable } from '@nestjs/common';
import { LockMode } from '@mikro-orm/core';
import type { Principal } from '../common/handlers/principal.js';
import { Database } from '../database/database.js';
import { ChatError, type Page, type WebhookDelivery as DeliveryView } from '../protocol/index.js';
import { EventLog } from '../streams/log/event-log.js';
import type { LogTransaction } from '../streams/log/log-transaction.js';
import { pageOf } from '../users/admin/page-cursor.js';
import { GIVE_UP_AFTER_MS } from './sending/back-off.js';
import { addTest } from './outbox.js';
import { lockWebhook, readWebhook } from './ownership.js';
import { WebhookDelivery } from './webhook-delivery.entity.js';
import { streamOf } from './webhook-stream.js';
import { viewDelivery } from './webhook-views.js';
import type { Webhook } from './webhook.entity.js';

/** What users see of deliveries, and what they may do with them. */
@Injectable()
export class DeliveriesService {
  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
  ) {}

  /** The newest first. @throws ChatError `not_found` (`A3`) */
  list(
    actor: Principal,
    webhookId: string,
    { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<Page<DeliveryView>> {
    return this.database.read(async (em) => {
      await readWebhook(em, actor, webhookId);
      const older = cursor === undefined ? {} : { id: { $lt: cursor } };
      const rows = await em.find(
        WebhookDelivery,
        { webhookId, ...older },
        { orderBy: { id: 'desc' }, limit: limit + 1 },
      );
      return pageOf(rows, limit, viewDelivery);
    });
  }

  /** Sends `webhook.test`. @throws ChatError `not_found` (`A3`); `bad_request` while the webhook is turned off */
  test(actor: Principal, webhookId: string): Promise<DeliveryView> {
    return this.log.write(async (transaction) => {
      const webhook = await lockActive(transaction, actor, webhookId);
      const id = await addTest(transaction, webhookId);
      return publishDelivery(transaction, webhook, await transaction.em.findOneOrFail(WebhookDelivery, { id }));
    });
  }

  /**
   * Sends a delivery once more, now and for another day, with the same id and body.
   * @throws ChatError `not_found` (`A3`); `bad_request` while the webhook is turned off
   */
  retry(actor: Principal, webhookId: string, id: string): Promise<DeliveryView> {
    return this.log.write(async (transaction) => {
      const webhook = await lockActive(transaction, actor, webhookId);
      const lock = { lockMode: LockMode.PESSIMISTIC_WRITE };
      const delivery = await transaction.em.findOne(WebhookDelivery, { id, webhookId }, lock);
      if (!delivery) throw new ChatError('not_found', 'There is no such delivery.');
      const { at } = transaction;
      Object.assign(delivery, { status: 'pending', failures: 0, dueAt: at, giveUpAt: at + GIVE_UP_AFTER_MS });
      return publishDelivery(transaction, webhook, delivery);
    });
  }
}

async function lockActive(transaction: LogTransaction, actor: Principal, id: string): Promise<Webhook> {
  const webhook = await lockWebhook(transaction, actor, id);
  if (webhook.status !== 'on') throw new ChatError('bad_request', 'The webhook is off: turn it on first.');
  return webhook;
}

function publishDelivery(transaction: LogTransaction, webhook: Webhook, delivery: WebhookDelivery): DeliveryView {
  const view = viewDelivery(delivery);
  transaction.append(streamOf(webhook), { type: 'webhook.delivery', data: view });
  return view;
}
