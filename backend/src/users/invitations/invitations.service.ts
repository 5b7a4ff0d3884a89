import { Injectable } from '@nestjs/common';
import { LockMode, raw, UniqueConstraintViolationException } from '@mikro-orm/core';
import type { z } from 'zod';
import type { Principal } from '../../common/handlers/principal.js';
import { Database, type EntityManager } from '../../database/database.js';
import type { bodies } from '../../protocol/http/index.js';
import { ADMIN_STREAM, ChatError, type Invitation as InvitationView, type Page } from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { recordAct } from '../admin/audit.js';
import { pageOf } from '../admin/page-cursor.js';
import { Identity } from '../identity.entity.js';
import { User } from '../user.entity.js';
import { Invitation } from './invitation.entity.js';
import { viewInvitation } from './invitation.view.js';

const LIFE_MS = 30 * 24 * 3_600_000;

type NewInvitation = z.infer<typeof bodies.invitation>;

/** Invitations by admins: which role an address gets at its first sign-in. No e-mails are sent. */
@Injectable()
export class InvitationsService {
  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
  ) {}

  /** The invitations that were not used, newest first; those that have expired lately are among them. */
  list({ cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number }) {
    return this.database.readAside(async (em): Promise<Page<InvitationView>> => {
      const older = cursor === undefined ? {} : { id: { $lt: cursor } };
      const rows = await em.find(Invitation, older, { orderBy: { id: 'desc' }, limit: limit + 1 });
      return pageOf(rows, limit, viewInvitation);
    });
  }

  /**
   * Invites an address for 30 days. Inviting it again changes the role, and the days begin anew.
   * @throws ChatError `account_exists` when an account has this address already
   */
  async invite(actor: Principal, wanted: NewInvitation): Promise<InvitationView> {
    const write = (): Promise<InvitationView> => this.log.write((transaction) => this.put(transaction, actor, wanted));
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof UniqueConstraintViolationException)) throw error;
      // Two admins invite the address at once: the other one was first.
      return write();
    }
  }

  private async put(
    transaction: LogTransaction,
    { userId }: Principal,
    { email, role }: NewInvitation,
  ): Promise<InvitationView> {
    const { em, at } = transaction;
    if (await hasAccount(em, email)) throw new ChatError('account_exists', 'This address has an account already.');
    const emailKey = email.toLowerCase();
    const { email: inviterEmail } = await em.findOneOrFail(User, { id: userId });
    const chosen = { email, emailKey, role, inviterEmail, createdAt: at, expiresAt: at + LIFE_MS };
    const existing = await em.findOne(Invitation, { emailKey }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    const invitation = existing
      ? em.assign(existing, chosen)
      : em.create(Invitation, { id: transaction.newId(), ...chosen });
    await em.flush();
    const view = viewInvitation(invitation);
    transaction.append(ADMIN_STREAM, { type: 'invitation.added', data: view });
    const detail = { email, role, expiresAt: view.expiresAt };
    await recordAct(transaction, { action: 'invitation.added', actorId: userId, detail });
    return view;
  }

  /**
   * Takes an invitation back.
   * @throws ChatError `not_found`, also when it was used meanwhile
   */
  withdraw({ userId }: Principal, id: string): Promise<void> {
    return this.log.write(async (transaction) => {
      const lock = { lockMode: LockMode.PESSIMISTIC_WRITE };
      const invitation = await transaction.em.findOne(Invitation, { id }, lock);
      if (!invitation) throw new ChatError('not_found', 'There is no such invitation.');
      const { email, role } = invitation;
      transaction.em.remove(invitation);
      transaction.append(ADMIN_STREAM, { type: 'invitation.ended', data: { id } });
      await recordAct(transaction, { action: 'invitation.withdrawn', actorId: userId, detail: { email, role } });
    });
  }
}

/**
 * Whether a person with this address has an account, by its e-mail or by that of a linked identity. An account that is
 * created at the same time may be missed: then the invitation stays without effect until it expires.
 */
async function hasAccount(em: EntityManager, email: string): Promise<boolean> {
  const key = email.toLowerCase();
  const users = await em.count(User, { [raw('lower(email)')]: key, deletingSince: null });
  return users > 0 || (await em.count(Identity, { [raw('lower(email)')]: key })) > 0;
}
