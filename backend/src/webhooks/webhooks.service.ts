import { Injectable, Inject } from '@nestjs/common';
import { LockMode } from '@mikro-orm/core';
import type { z } from 'zod';
import type { Principal } from '../common/handlers/principal.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { Database } from '../database/database.js';
import type { bodies, CreatedWebhook } from '../protocol/http/index.js';
import {
  ChatError,
  MAX_WEBHOOKS,
  type Webhook as WebhookView,
  type WebhookEvent,
  type WebhookScope,
} from '../protocol/index.js';
import { EventLog } from '../streams/log/event-log.js';
import type { LogTransaction } from '../streams/log/log-transaction.js';
import { recordAct } from '../users/admin/audit.js';
import { User } from '../users/user.entity.js';
import { giveUpDeliveries } from './giving-up.js';
import { lockWebhook } from './ownership.js';
import { acceptedUrl } from './sending/target-address.js';
import { WebhookSecrets } from './webhook-secrets.js';
import { streamOf } from './webhook-stream.js';
import { viewWebhook } from './webhook-views.js';
import { Webhook } from './webhook.entity.js';

type Change = z.infer<typeof bodies.webhookChange>;

/** The webhooks of users, and those of admins for everybody, which any admin may change. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
    private readonly secrets: WebhookSecrets,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** The newest first. @throws ChatError `forbidden` when a user who is no admin asks for those for everybody */
  list({ userId, role }: Principal, scope: WebhookScope): Promise<WebhookView[]> {
    refuseScope(role, scope);
    return this.database.read(async (em) => {
      const rows = await em.find(Webhook, scope === 'own' ? { userId, scope } : { scope }, { orderBy: { id: 'desc' } });
      const owners = await em.find(User, { id: rows.map((row) => row.userId) }, { fields: ['id', 'email'] });
      const emails = new Map(owners.map(({ id, email }) => [id, email]));
      return rows.map((row) => viewWebhook(row, emails.get(row.userId) ?? ''));
    });
  }

  /**
   * Adds a webhook. Its secret is in the answer only; the database has it encrypted.
   * @throws ChatError `bad_request` for an address that is not accepted, for events that the scope does not have, and
   * when there are too many; `forbidden` for everybody's events without the role
   */
  async add({ userId, role }: Principal, wanted: z.infer<typeof bodies.webhook>): Promise<CreatedWebhook> {
    const { name, events, scope } = wanted;
    refuseScope(role, scope);
    refuseEvents(scope, events);
    const url = await acceptedUrl(wanted.url, this.config.allowsPrivateWebhooks);
    const secret = this.secrets.create();
    const sealedSecret = await this.secrets.seal(secret);
    const view = await this.log.write(async (transaction) => {
      const { em } = transaction;
      // The lock makes requests of the user wait for each other, and for the admin who disables the account.
      const user = await em.findOneOrFail(User, { id: userId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if (user.disabled) throw new ChatError('unauthenticated', 'The account is disabled.');
      if ((await em.count(Webhook, scope === 'own' ? { userId, scope } : { scope })) >= MAX_WEBHOOKS) {
        throw new ChatError('bad_request', `There are ${MAX_WEBHOOKS} webhooks: remove one of them first.`);
      }
      const webhook = em.create(Webhook, {
        id: transaction.newId(),
        userId,
        scope,
        name,
        url,
        events,
        sealedSecret,
        sealedFormerSecret: null,
        rolledAt: null,
        status: 'on',
        failingSince: null,
        createdAt: transaction.at,
      });
      await record(transaction, 'webhook.added', userId, webhook);
      return publishChange(transaction, webhook);
    });
    return { ...view, secret };
  }

  /**
   * Changes a webhook. Turning it off gives up what it was still to be sent.
   * @throws ChatError `not_found` (`A3`); `bad_request` as `add` does
   */
  async change(actor: Principal, id: string, { name, url: wanted, events, on }: Change): Promise<WebhookView> {
    const url = wanted === undefined ? undefined : await acceptedUrl(wanted, this.config.allowsPrivateWebhooks);
    return this.log.write(async (transaction) => {
      const webhook = await lockWebhook(transaction, actor, id);
      if (events) refuseEvents(webhook.scope, events);
      Object.assign(webhook, { name: name ?? webhook.name, url: url ?? webhook.url, events: events ?? webhook.events });
      if (on === false && webhook.status !== 'off') {
        webhook.status = 'off';
        await giveUpDeliveries(transaction, webhook);
      }
      if (on === true && webhook.status !== 'on') Object.assign(webhook, { status: 'on', failingSince: null });
      await record(transaction, 'webhook.changed', actor.userId, webhook);
      return publishChange(transaction, webhook);
    });
  }

  /** Replaces the secret; the former one signs too for a day. @throws ChatError `not_found` (`A3`) */
  async rollSecret(actor: Principal, id: string): Promise<CreatedWebhook> {
    const secret = this.secrets.create();
    const sealedSecret = await this.secrets.seal(secret);
    const view = await this.log.write(async (transaction) => {
      const webhook = await lockWebhook(transaction, actor, id);
      const sealedFormerSecret = webhook.sealedSecret;
      Object.assign(webhook, { sealedSecret, sealedFormerSecret, rolledAt: transaction.at });
      await record(transaction, 'webhook.secret_rolled', actor.userId, webhook);
      return publishChange(transaction, webhook);
    });
    return { ...view, secret };
  }

  /** Removes a webhook with its deliveries. @throws ChatError `not_found` (`A3`) */
  async remove(actor: Principal, id: string): Promise<void> {
    await this.log.write(async (transaction) => {
      const webhook = await lockWebhook(transaction, actor, id);
      await record(transaction, 'webhook.removed', actor.userId, webhook);
      transaction.em.remove(webhook);
      transaction.append(streamOf(webhook), { type: 'webhook.removed', data: { webhookId: id } });
    });
  }

  /** Gives up what the webhooks of an account that is being disabled were still to be sent. */
  async rest(transaction: LogTransaction, userId: string): Promise<void> {
    const lock = { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' } } as const;
    for (const webhook of await transaction.em.find(Webhook, { userId }, lock)) {
      await giveUpDeliveries(transaction, webhook);
    }
  }
}

function refuseScope(role: Principal['role'], scope: WebhookScope): void {
  if (scope === 'everybody' && role !== 'admin') throw new ChatError('forbidden', 'Only admins may do this.');
}

function refuseEvents(scope: WebhookScope, events: readonly WebhookEvent[]): void {
  if (scope === 'own' && events.includes('user.added')) {
    throw new ChatError('bad_request', 'events: user.added is only for webhooks of admins, with the scope everybody');
  }
}

/** The address may contain a secret of the receiver, so the audit has only its host. */
async function record(transaction: LogTransaction, action: string, actorId: string, webhook: Webhook): Promise<void> {
  const { name, scope, url, events, status } = webhook;
  const detail = { name, scope, host: new URL(url).host, events, status };
  const target = await transaction.em.findOneOrFail(User, { id: webhook.userId });
  await recordAct(transaction, { action, actorId, target, detail });
}

async function publishChange(transaction: LogTransaction, webhook: Webhook): Promise<WebhookView> {
  const owner = await transaction.em.findOneOrFail(User, { id: webhook.userId });
  const view = viewWebhook(webhook, owner.email);
  transaction.append(streamOf(webhook), { type: 'webhook.changed', data: view });
  return view;
}
