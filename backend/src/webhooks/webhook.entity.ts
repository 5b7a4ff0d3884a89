import { defineEntity, p } from '@mikro-orm/core';
import { MAX_WEBHOOK_URL_LENGTH, type WebhookEvent, type WebhookScope, type WebhookStatus } from '../protocol/index.js';
import { User } from '../users/user.entity.js';

const WebhookSchema = defineEntity({
  name: 'Webhook',
  tableName: 'webhooks',
  properties: {
    id: p.uuid().primary(),
    userId: () => p.manyToOne(User).mapToPk().fieldName('user_id').deleteRule('cascade').index(),
    scope: p.string().length(20).$type<WebhookScope>().index(),
    name: p.string().length(200),
    url: p.string().length(MAX_WEBHOOK_URL_LENGTH),
    events: p.json().$type<readonly WebhookEvent[]>(),
    /** Encrypted, see `WebhookSecrets`: unlike the hash of a password, a secret for signing is needed as it is. */
    sealedSecret: p.string().length(500),
    /** The secret before, which signs too for a day after `rolledAt`. */
    sealedFormerSecret: p.string().length(500).nullable(),
    rolledAt: p.bigint('number').nullable(),
    status: p.string().length(20).$type<WebhookStatus>(),
    /** Since when every attempt has failed. */
    failingSince: p.bigint('number').nullable(),
    createdAt: p.bigint('number'),
  },
});

/** An address that is told of events. It rests while its user is disabled, and one for everybody without an admin. */
export class Webhook extends WebhookSchema.class {}
WebhookSchema.setClass(Webhook);
