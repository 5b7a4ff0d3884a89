import { Inject, Injectable } from '@nestjs/common';
import { LockMode, UniqueConstraintViolationException } from '@mikro-orm/core';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import type { EntityManager } from '../database/database.js';
import { ADMIN_STREAM } from '../protocol/index.js';
import { EventLog } from '../streams/log/event-log.js';
import type { LogTransaction } from '../streams/log/log-transaction.js';
import { recordAct } from './admin/audit.js';
import { Identity } from './identity.entity.js';
import { User } from './user.entity.js';
import { appendUserUpdated } from './user-events.js';
import { viewAdminUser } from './user.views.js';

/** An identity that a sign-in provider has verified; the lengths and characters of its texts are safe. */
export interface VerifiedIdentity {
  readonly provider: string;
  readonly subject: string;
  readonly email: string;
  readonly name: string;
  readonly picture: string | null;
}

/** Finds, creates and updates accounts at sign-in. */
@Injectable()
export class Accounts {
  constructor(
    private readonly log: EventLog,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Returns the account of an identity, which is created at the first sign-in. It is found only by provider and
   * subject, never by e-mail, because an e-mail address may be given to another person.
   */
  async signIn(identity: VerifiedIdentity): Promise<User> {
    try {
      return await this.log.write((transaction) => this.findOrCreate(transaction, identity));
    } catch (error) {
      if (!(error instanceof UniqueConstraintViolationException)) throw error;
      // Two first sign-ins at once: the other one has created the account.
      return this.log.write((transaction) => this.findOrCreate(transaction, identity));
    }
  }

  private async findOrCreate(transaction: LogTransaction, identity: VerifiedIdentity): Promise<User> {
    const existing = await findUser(transaction.em, identity);
    if (!existing) return this.create(transaction, identity);
    if (!existing.disabled) await this.refresh(transaction, existing, identity);
    return existing;
  }

  private async create(transaction: LogTransaction, identity: VerifiedIdentity): Promise<User> {
    const { em, at } = transaction;
    const { provider, subject, email, name, picture } = identity;
    const user = em.create(User, {
      id: transaction.newId(),
      email,
      name,
      hasOwnName: false,
      picture,
      role: this.config.defaultRole,
      disabled: false,
      preferences: {},
      createdAt: at,
      lastSeenAt: null,
    });
    await em.flush();
    em.create(Identity, { provider, subject, userId: user.id, createdAt: at });
    await this.promote(transaction, user, email);
    transaction.append(ADMIN_STREAM, { type: 'user.added', data: viewAdminUser(user, false) });
    return user;
  }

  private async refresh(transaction: LogTransaction, user: User, identity: VerifiedIdentity): Promise<void> {
    const { email, picture } = identity;
    const name = user.hasOwnName ? user.name : identity.name;
    const isSame = user.email === email && user.name === name && (user.picture ?? null) === picture;
    if (user.email !== email) {
      const detail = { from: user.email, to: email };
      await recordAct(transaction, { action: 'user.email_changed', actorId: user.id, target: user, detail });
    }
    transaction.em.assign(user, { email, name, picture });
    const isPromoted = await this.promote(transaction, user, email);
    if (!isSame || isPromoted) await appendUserUpdated(transaction, user);
  }

  /** Gives the role `admin` to the users in `ADMIN_EMAILS`. */
  private async promote(transaction: LogTransaction, user: User, email: string): Promise<boolean> {
    if (user.role === 'admin' || !this.config.adminEmails.has(email.toLowerCase())) return false;
    const detail = { from: user.role, to: 'admin', reason: 'ADMIN_EMAILS' };
    await recordAct(transaction, { action: 'user.role_changed', actorId: null, target: user, detail });
    user.role = 'admin';
    return true;
  }
}

async function findUser(em: EntityManager, { provider, subject }: VerifiedIdentity): Promise<User | null> {
  const identity = await em.findOne(Identity, { provider, subject });
  if (!identity) return null;
  return em.findOneOrFail(User, { id: identity.userId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
}
