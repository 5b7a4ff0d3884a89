import { Injectable } from '@nestjs/common';
import { LockMode } from '@mikro-orm/core';
import { Database } from '../../database/database.js';
import { toNumber, toNumberOrNull } from '../../database/sql/sql-values.js';
import { EventLog } from '../../streams/log/event-log.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { User } from '../../users/user.entity.js';
import { nextAttemptAt } from './back-off.js';
import { giveUpDeliveries } from '../giving-up.js';
import { CLAIM_DELIVERY, GIVE_UP_LATE, READ_DUE, READ_TARGET, RELEASE_DELIVERY } from '../webhook.statements.js';
import { WebhookDelivery } from '../webhook-delivery.entity.js';
import type { Outcome } from './webhook-request.js';
import { Webhook } from '../webhook.entity.js';
import { streamOf } from '../webhook-stream.js';
import { viewDelivery, viewWebhook } from '../webhook-views.js';

/** Longer than an attempt and its end take: a lease that has passed belongs to a process that has died. */
const LEASE_MS = 60_000;
/** How long a former secret signs too. */
const FORMER_SECRET_MS = 24 * 3_600_000;
const LATE_MS = 10 * 60_000;

export interface DueWebhook {
  readonly id: string;
  readonly due: number;
  readonly isFailing: boolean;
}

export interface ClaimedDelivery {
  readonly id: string;
  readonly attempts: number;
  readonly payload: string;
  readonly url: string;
  /** Encrypted; the current one first. */
  readonly sealedSecrets: readonly string[];
}

/** The rows of deliveries, as the processes that send them share them. */
@Injectable()
export class DeliveryRows {
  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
  ) {}

  /** The webhooks with deliveries that can be sent now, the longest due first. */
  async due(): Promise<readonly DueWebhook[]> {
    const rows = await this.database.query(READ_DUE, [this.database.clock.now()]);
    return rows.map((row) => ({
      id: String(row['id']),
      due: toNumber(row['due']),
      isFailing: row['failing_since'] !== null,
    }));
  }

  /** Claims one delivery of a webhook; `undefined` when another process was faster, or the webhook was turned off. */
  claim(webhookId: string): Promise<ClaimedDelivery | undefined> {
    return this.database.transaction(async ({ all }) => {
      const now = this.database.clock.now();
      const [target] = await all(READ_TARGET, [webhookId]);
      if (!target) return undefined;
      const [row] = await all(CLAIM_DELIVERY, [webhookId, now, now + LEASE_MS]);
      if (!row) return undefined;
      const rolledAt = toNumberOrNull(target['rolled_at']);
      const former = target['sealed_former_secret'];
      const signsToo = typeof former === 'string' && rolledAt !== null && now < rolledAt + FORMER_SECRET_MS;
      return {
        id: String(row['id']),
        attempts: toNumber(row['attempts']),
        payload: String(row['payload']),
        url: String(target['url']),
        sealedSecrets: [String(target['sealed_secret']), ...(signsToo ? [former] : [])],
      };
    }, 'upkeep');
  }

  /** Gives a claimed delivery back: the process stops before the attempt has ended. */
  async release({ id, attempts }: ClaimedDelivery): Promise<void> {
    await this.database.transaction(({ all }) => all(RELEASE_DELIVERY, [id, attempts]), 'upkeep');
  }

  /** Stores the outcome of an attempt, unless the delivery was claimed again in the meantime. */
  async finish({ id, attempts }: ClaimedDelivery, webhookId: string, outcome: Outcome): Promise<void> {
    await this.log.write(async (transaction) => {
      const { em } = transaction;
      const lock = { lockMode: LockMode.PESSIMISTIC_WRITE };
      // Like every other transaction, lock the webhook first.
      const webhook = await em.findOne(Webhook, { id: webhookId }, lock);
      const delivery = await em.findOne(WebhookDelivery, { id, attempts }, lock);
      if (!webhook || !delivery) return;
      const stream = streamOf(webhook);
      settle(delivery, outcome, transaction.at);
      transaction.append(stream, { type: 'webhook.delivery', data: viewDelivery(delivery) });
      if (await this.note(transaction, webhook, outcome)) {
        const owner = await em.findOneOrFail(User, { id: webhook.userId });
        transaction.append(stream, { type: 'webhook.changed', data: viewWebhook(webhook, owner.email) });
      }
    });
  }

  /** Ends deliveries of webhooks that have been resting for a day. */
  async giveUpLate(): Promise<void> {
    const before = this.database.clock.now() - LATE_MS;
    await this.database.transaction(({ all }) => all(GIVE_UP_LATE, [before]), 'upkeep');
  }

  /** @returns whether tabs have to be told */
  private async note(transaction: LogTransaction, webhook: Webhook, { failure, isGone }: Outcome): Promise<boolean> {
    const { status, failingSince } = webhook;
    if (failure === null) webhook.failingSince = null;
    else webhook.failingSince ??= transaction.at;
    if (isGone && status === 'on') {
      webhook.status = 'gone';
      await giveUpDeliveries(transaction, webhook);
    }
    return webhook.status !== status || (webhook.failingSince === null) !== ((failingSince ?? null) === null);
  }
}

function settle(delivery: WebhookDelivery, { answerStatus, failure, isGone }: Outcome, now: number): void {
  delivery.leaseUntil = null;
  delivery.answerStatus = answerStatus;
  delivery.failure = failure;
  // A user turned the webhook off, or tried again a delivery that has ended.
  if (delivery.dueAt === null && failure !== null) return;
  if (failure !== null) delivery.failures += 1;
  const isOver = failure === null || isGone;
  delivery.dueAt = isOver ? null : nextAttemptAt(delivery.failures, now, delivery.giveUpAt);
  if (failure === null) delivery.status = 'delivered';
  else if (delivery.dueAt === null) delivery.status = 'failed';
}
