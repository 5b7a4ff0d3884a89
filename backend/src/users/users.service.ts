import { Injectable } from '@nestjs/common';
import { LockMode, raw } from '@mikro-orm/core';
import { Database, type EntityManager } from '../database/database.js';
import { type AdminUser, ChatError, type Role } from '../protocol/index.js';
import { EventLog } from '../streams/log/event-log.js';
import type { LogTransaction } from '../streams/log/log-transaction.js';
import { recordAct } from './admin/audit.js';
import type { Principal } from '../common/handlers/principal.js';
import { isOnline } from './presence/presence-rows.js';
import { User } from './user.entity.js';
import { tellUserUpdated } from './user-events.js';
import { viewAdminUser } from './user.views.js';

export interface UserChange {
  readonly role?: Role | undefined;
  readonly disabled?: boolean | undefined;
}

/** Called in the transaction that disables an account. */
export type DisabledListener = (transaction: LogTransaction, userId: string) => Promise<void>;

/** What admins do to accounts. */
@Injectable()
export class UsersService {
  private readonly disabledListeners: DisabledListener[] = [];

  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
  ) {}

  /** Sessions are ended by those who keep them: this folder knows accounts alone. */
  onDisabled(listener: DisabledListener): void {
    this.disabledListeners.push(listener);
  }

  /**
   * Changes the role of an account, or whether it may be used; leaves an audit row and tells the tabs, all in one
   * transaction. What is so already changes nothing and leaves no row.
   *
   * @param actor `null` for the command line
   * @throws ChatError `not_found`; `last_admin` when nobody could administrate afterwards (`A4`)
   */
  async change(actor: Principal | null, userId: string, change: UserChange): Promise<AdminUser> {
    // A refusal is an answer here and thrown below: its audit row must stay.
    const changed = await this.log.write(async (transaction) => {
      const { em } = transaction;
      const admins = takesRightsAway(change) ? await lockAdmins(em) : [];
      const user = await em.findOne(User, { id: userId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if (!user) throw new ChatError('not_found', 'There is no such user.');
      if (takesRightsAway(change) && admins.length === 1 && admins[0]?.id === user.id) {
        await recordAct(transaction, {
          action: 'admin.refused',
          actorId: actor?.userId ?? null,
          target: user,
          detail: { reason: 'last_admin', ...change },
        });
        return undefined;
      }
      const isChanged = await this.apply(transaction, actor?.userId ?? null, user, change);
      return isChanged ? tellUserUpdated(transaction, user) : viewAdminUser(user, await isOnline(em, user.id));
    });
    if (changed) return changed;
    throw new ChatError('last_admin', 'This is the last admin: make somebody else an admin first.');
  }

  /** Accounts with this e-mail, whatever its case. There may be several: the e-mail is no key. */
  findByEmail(email: string): Promise<User[]> {
    return this.database.read((em) => em.find(User, { [raw('lower(email)')]: email.toLowerCase() }));
  }

  /** The account with this id, if there is one. */
  findById(id: string): Promise<User[]> {
    return this.database.read((em) => em.find(User, { id }));
  }

  private async apply(
    transaction: LogTransaction,
    actorId: string | null,
    user: User,
    { role = user.role, disabled = user.disabled }: UserChange,
  ): Promise<boolean> {
    if (role === user.role && disabled === user.disabled) return false;
    if (role !== user.role) {
      const detail = { from: user.role, to: role };
      await recordAct(transaction, { action: 'user.role_changed', actorId, target: user, detail });
      user.role = role;
    }
    if (disabled !== user.disabled) {
      const action = disabled ? 'user.disabled' : 'user.enabled';
      await recordAct(transaction, { action, actorId, target: user, detail: {} });
      user.disabled = disabled;
      if (disabled) for (const listener of this.disabledListeners) await listener(transaction, user.id);
    }
    return true;
  }
}

const takesRightsAway = ({ role, disabled }: UserChange): boolean =>
  (role !== undefined && role !== 'admin') || disabled === true;

/**
 * Everybody who can administrate, locked: of two admins who demote each other at once the second waits, and then
 * finds one admin left. Always in the order of the ids, so that nobody waits in a circle.
 */
const lockAdmins = (em: EntityManager): Promise<User[]> =>
  em.find(User, { role: 'admin', disabled: false }, { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' } });
