import { Inject, Injectable, Logger } from '@nestjs/common';
import { LockMode, UniqueConstraintViolationException } from '@mikro-orm/core';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { ADMIN_STREAM, type Role } from '../protocol/index.js';
import { EventLog } from '../streams/log/event-log.js';
import type { LogTransaction } from '../streams/log/log-transaction.js';
import { recordAct } from './admin/audit.js';
import { isLastAdmin } from './admin/last-admin.js';
import { Identity } from './identity.entity.js';
import { takeInvitation } from './invitations/take-invitation.js';
import { Pictures } from './pictures/pictures.js';
import { User } from './user.entity.js';
import { appendUserUpdated } from './user-events.js';
import { viewAdminUser } from './user.views.js';

/** An identity that a sign-in provider has verified; the lengths and characters of its texts are safe. */
export interface VerifiedIdentity {
  /** The provider's issuer identifier. */
  readonly issuer: string;
  readonly subject: string;
  readonly email: string;
  readonly name: string;
  readonly picture: string | null;
  /** The role by the provider's claims; `null` if it sets roles and has none for this user. */
  readonly role?: Role | null | undefined;
}

/** Called in the transaction that creates an account. */
export type AddedListener = (transaction: LogTransaction, user: User) => Promise<void>;

/** Finds, creates and updates accounts at sign-in. */
@Injectable()
export class Accounts {
  private readonly logger = new Logger(Accounts.name);
  private readonly addedListeners: AddedListener[] = [];

  constructor(
    private readonly log: EventLog,
    @Inject(CONFIG) private readonly config: Config,
    private readonly pictures: Pictures,
  ) {}

  /** Registers a listener. The `webhooks` folder tells of new users by it, since this folder must not import that one. */
  onAdded(listener: AddedListener): void {
    this.addedListeners.push(listener);
  }

  /**
   * Returns the account of an identity, which is created at the first sign-in. It is found only by issuer and
   * subject, never by e-mail, because an e-mail address may be given to another person.
   */
  async signIn(identity: VerifiedIdentity): Promise<User> {
    const user = await this.accountOf(identity);
    this.pictures.arrived(user);
    return user;
  }

  /**
   * Sets the role that the provider has for an account now. Only if this provider has set it before: of several
   * providers, the one of the last sign-in does.
   */
  async refreshRole({ issuer, subject, role }: Pick<VerifiedIdentity, 'issuer' | 'subject' | 'role'>): Promise<void> {
    await this.log.write(async (transaction) => {
      const identity = await transaction.em.findOne(Identity, { issuer, subject });
      if (!identity) return;
      const lock = { lockMode: LockMode.PESSIMISTIC_WRITE };
      const user = await transaction.em.findOneOrFail(User, { id: identity.userId }, lock);
      if (user.disabled || user.roleIssuer !== issuer) return;
      const before = user.role;
      const { email, name } = user;
      await this.applyRole(transaction, user, {
        issuer,
        subject,
        email: identity.email ?? email,
        name,
        picture: null,
        role,
      });
      if (user.role !== before) await appendUserUpdated(transaction, user);
    });
  }

  private async accountOf(identity: VerifiedIdentity): Promise<User> {
    try {
      return await this.log.write((transaction) => this.findOrCreate(transaction, identity));
    } catch (error) {
      if (!(error instanceof UniqueConstraintViolationException)) throw error;
      // Two first sign-ins at once: the other one has created the account.
      return this.log.write((transaction) => this.findOrCreate(transaction, identity));
    }
  }

  private async findOrCreate(transaction: LogTransaction, identity: VerifiedIdentity): Promise<User> {
    const existing = await findAccount(transaction, identity);
    if (!existing) return this.create(transaction, identity);
    const { user, isOldest } = existing;
    if (!user.disabled) await this.refresh(transaction, user, identity, isOldest);
    return user;
  }

  private async create(transaction: LogTransaction, identity: VerifiedIdentity): Promise<User> {
    const { em, at } = transaction;
    const { issuer, subject, email, name, picture } = identity;
    // Used up by any first sign-in; claims of the provider and `ADMIN_EMAILS` decide about the role before it does.
    const invitation = await takeInvitation(transaction, email);
    const user = em.create(User, {
      id: transaction.newId(),
      email,
      name,
      hasOwnName: false,
      picture,
      role: this.roleFrom(identity) ?? invitation?.role ?? this.config.defaultRole,
      roleIssuer: identity.role === undefined ? null : issuer,
      pictureHash: null,
      disabled: false,
      preferences: {},
      personal: null,
      deletingSince: null,
      createdAt: at,
      lastSeenAt: null,
    });
    await em.flush();
    em.create(Identity, { issuer, subject, userId: user.id, email, createdAt: at, lastUsedAt: at });
    if (invitation) {
      const detail = { role: invitation.role, inviter: invitation.inviterEmail };
      await recordAct(transaction, { action: 'invitation.used', actorId: user.id, target: user, detail });
    }
    await this.promote(transaction, user, email);
    transaction.append(ADMIN_STREAM, { type: 'user.added', data: viewAdminUser(user, false) });
    for (const listener of this.addedListeners) await listener(transaction, user);
    return user;
  }

  /**
   * Updates an account from the identity that it is signed in with. E-mail, name and picture follow the oldest identity:
   * otherwise they would change with each sign-in of a user who has several.
   */
  private async refresh(
    transaction: LogTransaction,
    user: User,
    identity: VerifiedIdentity,
    isOldest: boolean,
  ): Promise<void> {
    const before = JSON.stringify(viewAdminUser(user, false));
    if (isOldest) {
      const { email, picture } = identity;
      if (user.email !== email) {
        const detail = { from: user.email, to: email };
        await recordAct(transaction, { action: 'user.email_changed', actorId: user.id, target: user, detail });
      }
      transaction.em.assign(user, { email, picture, name: user.hasOwnName ? user.name : identity.name });
    }
    await this.applyRole(transaction, user, identity);
    await this.promote(transaction, user, identity.email);
    if (JSON.stringify(viewAdminUser(user, false)) !== before) await appendUserUpdated(transaction, user);
  }

  /** Sets the role by the provider's claims, or leaves it to admins if this provider has set it and no longer does. */
  private async applyRole(transaction: LogTransaction, user: User, identity: VerifiedIdentity): Promise<void> {
    const to = this.roleFrom(identity);
    if (to === undefined) {
      if (user.roleIssuer === identity.issuer) user.roleIssuer = null;
      return;
    }
    user.roleIssuer = identity.issuer;
    if (user.role === to || this.config.adminEmails.has(identity.email.toLowerCase())) return;
    if (user.role === 'admin' && (await isLastAdmin(transaction.em, user.id))) {
      this.logger.warn(
        `${identity.issuer} gives the role ${to} to the last admin, ${user.id}, who keeps the role admin`,
      );
      return;
    }
    const detail = { from: user.role, to, reason: 'provider', issuer: identity.issuer };
    await recordAct(transaction, { action: 'user.role_changed', actorId: null, target: user, detail });
    user.changeRole(to);
  }

  private roleFrom({ role, issuer, subject }: VerifiedIdentity): Role | undefined {
    if (role !== null) return role;
    const { defaultRole } = this.config;
    this.logger.warn(
      `${issuer} has no role for ${subject}: the claim has no known value, so the role is ${defaultRole}`,
    );
    return defaultRole;
  }

  /** Gives the role `admin` to the users in `ADMIN_EMAILS`. */
  private async promote(transaction: LogTransaction, user: User, email: string): Promise<boolean> {
    if (user.role === 'admin' || !this.config.adminEmails.has(email.toLowerCase())) return false;
    const detail = { from: user.role, to: 'admin', reason: 'ADMIN_EMAILS' };
    await recordAct(transaction, { action: 'user.role_changed', actorId: null, target: user, detail });
    user.changeRole('admin');
    return true;
  }
}

interface FoundAccount {
  readonly user: User;
  /** Whether the account was made with this identity, or none of its identities is older. */
  readonly isOldest: boolean;
}

async function findAccount(
  { em, at }: LogTransaction,
  { issuer, subject, email }: VerifiedIdentity,
): Promise<FoundAccount | null> {
  const identity = await em.findOne(Identity, { issuer, subject });
  if (!identity) return null;
  const user = await em.findOneOrFail(User, { id: identity.userId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  em.assign(identity, { email, lastUsedAt: at });
  const older = await em.count(Identity, { userId: user.id, createdAt: { $lt: identity.createdAt } });
  return { user, isOldest: older === 0 };
}
