import { z } from 'zod';
import { uuid } from '../ids.js';

/** A time in milliseconds since 1970, UTC. */
const instant = z.int().nonnegative();

/** The highest number of webhooks of a user, and of those of all admins together for everybody. */
export const MAX_WEBHOOKS = 10;
export const MAX_WEBHOOK_URL_LENGTH = 2_000;

/** What a webhook can be told of. `member.added` is reserved for shared conversations, and is not sent yet. */
export const WEBHOOK_EVENTS = ['run.finished', 'member.added', 'user.added'] as const;
export const webhookEvent = z.enum(WEBHOOK_EVENTS);
export type WebhookEvent = z.infer<typeof webhookEvent>;

/** `own`: the runs of its user. `everybody`: the runs of all users, and new users; for admins. */
export const webhookScope = z.enum(['own', 'everybody']);
export type WebhookScope = z.infer<typeof webhookScope>;

/** `gone`: the receiver has answered 410, and is not called any more until a user turns the webhook on again. */
export const webhookStatus = z.enum(['on', 'off', 'gone']);
export type WebhookStatus = z.infer<typeof webhookStatus>;

/** A webhook without its secret, which is shown only once. */
export const webhook = z.object({
  id: uuid,
  scope: webhookScope,
  name: z.string(),
  url: z.string(),
  events: z.array(webhookEvent).readonly(),
  status: webhookStatus,
  /** Since when every attempt has failed; `null` while the last one succeeded, or before the first. */
  failingSince: instant.nullable(),
  /** The user whose webhook it is. */
  ownerEmail: z.string(),
  createdAt: instant,
});
export type Webhook = z.infer<typeof webhook>;

/**
 * Why an attempt failed: no answer within ten seconds, no connection, an address that is not public, a redirect, another
 * status than 2xx, a secret that cannot be decrypted since `APP_SECRET` has changed; or why there are no more attempts:
 * the webhook was turned off, or its user may not have it any more.
 */
export const deliveryFailure = z.enum([
  'timeout',
  'unreachable',
  'private_address',
  'redirect',
  'status',
  'secret_lost',
  'turned_off',
]);
export type DeliveryFailure = z.infer<typeof deliveryFailure>;

/** One event on its way to one webhook. */
export const webhookDelivery = z.object({
  id: uuid,
  webhookId: uuid,
  type: z.string(),
  status: z.enum(['pending', 'delivered', 'failed']),
  attempts: z.int().nonnegative(),
  createdAt: instant,
  /** When the last attempt began. */
  attemptedAt: instant.nullable(),
  /** When the next attempt is due; `null` when there is none. */
  dueAt: instant.nullable(),
  /** The HTTP status of the last answer. */
  answerStatus: z.int().nullable(),
  failure: deliveryFailure.nullable(),
});
export type WebhookDelivery = z.infer<typeof webhookDelivery>;
