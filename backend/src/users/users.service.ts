import { Injectable } from '@nestjs/common';
import { LockMode, raw } from '@mikro-orm/core';
import { Database } from '../database/database.js';
import { type AdminUser, ChatError, type Role } from '../protocol/index.js';
import { EventLog } from '../streams/log/event-log.js';
import type { LogTransaction } from '../streams/log/log-transaction.js';
import { recordAct } from './admin/audit.js';
import { isLastAdmin } from './admin/last-admin.js';
import type { Principal } from '../common/handlers/principal.js';
import { isOnline } from './presence/presence-rows.js';
import { User } from './user.entity.js';
import { appendUserUpdated } from './user-events.js';
import { viewAdminUser } from './user.views.js';

export interface UserChange {
  readonly role?: Role | undefined;
  readonly disabled?: boolean | undefined;
}

/** Called in the transaction that disables an account. */
export type DisabledListener = (transaction: LogTransaction, userId: string) => Promise<void>;

/** Changes accounts on behalf of admins. */
@Injectable()
export class UsersService {
  private readonly disabledListeners: DisabledListener[] = [];

  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
  ) {}

  /** Registers a listener. The `auth` folder ends sessions by it, since this folder must not import that one. */
  onDisabled(listener: DisabledListener): void {
    this.disabledListeners.push(listener);
  }

  /**
   * Changes the role of an account, or disables or enables it, with audit entries and events in the same transaction.
   * Without a real change nothing is written.
   *
   * @param actor `null` for the command line
   * @throws ChatError `not_found`; `last_admin` when no admin would be left (`A4`); `role_by_provider`
   */
  async change(actor: Principal | null, userId: string, change: UserChange): Promise<AdminUser> {
    // A refusal is returned and thrown after the commit, because its audit entry must be kept.
    const changed = await this.log.write(async (transaction) => {
      const { em } = transaction;
      const isLast = takesRightsAway(change) && (await isLastAdmin(em, userId));
      const user = await em.findOne(User, { id: userId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if (!user) throw new ChatError('not_found', 'There is no such user.');
      const reason = isLast ? 'last_admin' : refusalOf(actor, user, change);
      if (reason) {
        const detail = { reason, ...change };
        await recordAct(transaction, { action: 'admin.refused', actorId: actor?.userId ?? null, target: user, detail });
        return reason;
      }
      const isChanged = await this.apply(transaction, actor?.userId ?? null, user, change);
      return isChanged ? appendUserUpdated(transaction, user) : viewAdminUser(user, await isOnline(em, user.id));
    });
    if (typeof changed !== 'string') return changed;
    throw new ChatError(changed, SENTENCES[changed]);
  }

  /** The accounts with this e-mail, ignoring case. There may be several, since the e-mail is not a key. */
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
      user.changeRole(role);
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

const SENTENCES = {
  last_admin: 'This is the last admin: give another user this role first.',
  role_by_provider: 'The sign-in provider sets the role of this user.',
} as const;

/** The command line may change every role: it is the way back if a provider leaves no admin. */
const refusalOf = (actor: Principal | null, user: User, { role = user.role }: UserChange) =>
  actor !== null && role !== user.role && (user.roleIssuer ?? null) !== null ? 'role_by_provider' : undefined;

const takesRightsAway = ({ role, disabled }: UserChange): boolean =>
  (role !== undefined && role !== 'admin') || disabled === true;
