import { LockMode } from '@mikro-orm/core';
import type { Principal } from '../common/handlers/principal.js';
import type { EntityManager } from '../database/database.js';
import { ChatError } from '../protocol/index.js';
import type { LogTransaction } from '../streams/log/log-transaction.js';
import { Webhook } from './webhook.entity.js';

/** A user's own webhooks, and for admins those for everybody. */
const allowedTo = ({ userId, role }: Principal) =>
  role === 'admin' ? { $or: [{ userId }, { scope: 'everybody' as const }] } : { userId, scope: 'own' as const };

/** Locks a webhook that the caller may change. @throws ChatError `not_found`, also for one of another user (`A3`) */
export async function lockWebhook({ em }: LogTransaction, actor: Principal, id: string): Promise<Webhook> {
  const lock = { lockMode: LockMode.PESSIMISTIC_WRITE };
  return (await em.findOne(Webhook, { id, ...allowedTo(actor) }, lock)) ?? notFound();
}

/** A webhook that the caller may see. @throws ChatError `not_found` */
export const readWebhook = async (em: EntityManager, actor: Principal, id: string): Promise<Webhook> =>
  (await em.findOne(Webhook, { id, ...allowedTo(actor) })) ?? notFound();

function notFound(): never {
  throw new ChatError('not_found', 'There is no such webhook.');
}
