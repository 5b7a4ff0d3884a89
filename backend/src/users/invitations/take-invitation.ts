import { LockMode } from '@mikro-orm/core';
import { ADMIN_STREAM } from '../../protocol/index.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { Invitation } from './invitation.entity.js';

/**
 * Takes the invitation for an address whose account is created in the same transaction, so that no other one can be. The
 * lock makes two first sign-ins of one address, at two providers, wait for each other: only one gets it.
 *
 * @param email as verified by the provider
 * @returns `null` without an invitation, or when it has expired
 */
export async function takeInvitation(transaction: LogTransaction, email: string): Promise<Invitation | null> {
  const { em, at } = transaction;
  const lock = { lockMode: LockMode.PESSIMISTIC_WRITE };
  const invitation = await em.findOne(Invitation, { emailKey: email.toLowerCase() }, lock);
  if (!invitation) return null;
  em.remove(invitation);
  transaction.append(ADMIN_STREAM, { type: 'invitation.ended', data: { id: invitation.id } });
  return invitation.expiresAt > at ? invitation : null;
}
