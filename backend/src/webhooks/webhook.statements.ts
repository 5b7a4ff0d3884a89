import { statement } from '../database/sql/statement.js';

/** Webhooks that may be told of something now, of users who may have them. */
const ACTIVE = `webhook.status = 'on' and not users.disabled and (webhook.scope = 'own' or users.role = 'admin')`;
const WEBHOOKS = 'from webhooks webhook join users on users.id = webhook.user_id';

/** The active webhooks of the user `$1` for own events, and of admins for everybody's, with their events as JSON. */
export const READ_LISTENERS = statement(`
  select webhook.id, webhook.events ${WEBHOOKS} where webhook.user_id = $1 and webhook.scope = 'own' and ${ACTIVE}
  union all
  select webhook.id, webhook.events ${WEBHOOKS} where webhook.scope = 'everybody' and ${ACTIVE}`);

/** The active webhook `$1`, as it is needed for sending. */
export const READ_TARGET = statement(`
  select webhook.url, webhook.sealed_secret, webhook.sealed_former_secret, webhook.rolled_at
  ${WEBHOOKS} where webhook.id = $1 and ${ACTIVE}`);

/** Adds the delivery `$1` of the type `$3` with the payload `$4` to the webhook `$2`, at `$5`, for sending until `$6`. */
export const ADD_DELIVERY = statement(`
  insert into webhook_deliveries
    (id, webhook_id, type, payload, status, attempts, failures, created_at, due_at, give_up_at)
  values ($1, $2, $3, $4, 'pending', 0, 0, $5, $5, $6)`);

/** Active webhooks with deliveries that are due at `$1`: how many, and whether the last attempt has failed. */
export const READ_DUE = statement(`
  select webhook.id, webhook.failing_since, count(*) as due
  from webhook_deliveries delivery join webhooks webhook on webhook.id = delivery.webhook_id
    join users on users.id = webhook.user_id
  where delivery.due_at <= $1 and (delivery.lease_until is null or delivery.lease_until <= $1) and ${ACTIVE}
  group by webhook.id, webhook.failing_since order by min(delivery.due_at)`);

/**
 * Claims the delivery of the webhook `$1` that has been due for longest at `$2`, until `$3`. On PostgreSQL two processes
 * may choose the same row: the second one waits, checks the conditions again, and gets none.
 */
export const CLAIM_DELIVERY = statement(`
  update webhook_deliveries set lease_until = $3, attempts = attempts + 1, attempted_at = $2
  where id = (
      select id from webhook_deliveries
      where webhook_id = $1 and due_at <= $2 and (lease_until is null or lease_until <= $2)
      order by due_at, id limit 1)
    and due_at <= $2 and (lease_until is null or lease_until <= $2)
  returning id, payload, attempts`);

/** Gives back the delivery `$1` after an attempt, the `$2`th, that was broken off by the end of the process. */
export const RELEASE_DELIVERY = statement(`
  update webhook_deliveries set lease_until = null where id = $1 and attempts = $2`);

/** Gives up what is due since before `$1`: its webhook has been resting since. */
export const GIVE_UP_LATE = statement(`
  update webhook_deliveries set status = 'failed', failure = 'turned_off', due_at = null, lease_until = null
  where due_at is not null and give_up_at < $1 and (lease_until is null or lease_until < $1)`);

/** Removes at most `$2` deliveries from before `$1`, and returns a row for each. */
export const REMOVE_OLD_DELIVERIES = statement(`
  delete from webhook_deliveries where id in (
    select id from webhook_deliveries where created_at < $1 and due_at is null limit $2) returning 1 as gone`);
