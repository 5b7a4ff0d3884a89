import { Inject, Injectable } from '@nestjs/common';
import { LockMode } from '@mikro-orm/core';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { Database, type EntityManager } from '../../database/database.js';
import { ADMIN_STREAM, ChatError, userStream } from '../../protocol/index.js';
import type { LinkedIdentity } from '../../protocol/http/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { recordAct } from '../../users/admin/audit.js';
import { isLastAdmin } from '../../users/admin/last-admin.js';
import { Identity } from '../../users/identity.entity.js';
import { User } from '../../users/user.entity.js';
import { appendUserUpdated } from '../../users/user-events.js';
import { sha256 } from '../hash.js';
import { SignInProviders } from '../providers/sign-in-providers.js';
import type { LinkableIdentity } from '../sign-in/link-codes.js';

/** The identities with which one user can sign in. */
@Injectable()
export class LinkedIdentities {
  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
    private readonly providers: SignInProviders,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async list(userId: string): Promise<LinkedIdentity[]> {
    const rows = await this.database.read((em) => findAll(em, userId));
    return rows.map((identity) => this.view(identity));
  }

  /**
   * Links a verified identity. The account is locked, so that it is not removed in between; the primary key decides
   * between two accounts.
   * @returns all identities of the user; `undefined` if this one has another account
   */
  link(userId: string, identity: LinkableIdentity): Promise<LinkedIdentity[] | undefined> {
    return this.log.write(async (transaction) => {
      const user = await lockUser(transaction.em, userId);
      const isAdded = await this.add(transaction, user, identity);
      return isAdded ? (await findAll(transaction.em, userId)).map((row) => this.view(row)) : undefined;
    });
  }

  /**
   * Removes an identity. Sessions that were opened with it stay: they are listed beside, and can be ended there.
   * @param id of a `LinkedIdentity`
   * @throws ChatError `not_found`; `last_identity` if no other one would be left
   */
  async unlink(userId: string, id: string): Promise<void> {
    await this.log.write(async (transaction) => {
      const { em } = transaction;
      const user = await lockUser(em, userId);
      const identities = await findAll(em, userId);
      const identity = identities.find((candidate) => idOf(candidate) === id);
      if (!identity) throw new ChatError('not_found', 'There is no such way to sign in.');
      if (identities.length === 1) throw new ChatError('last_identity', 'This is the only way to sign in.');
      em.remove(identity);
      if (user.roleIssuer === identity.issuer) await this.takeRole(transaction, user);
      await this.changed(transaction, user, 'identity.unlinked', identity);
    });
  }

  /** The role that the provider has given goes with it: otherwise it would outlast what the provider says later. */
  private async takeRole(transaction: LogTransaction, user: User): Promise<void> {
    const { adminEmails, defaultRole: to } = this.config;
    user.roleIssuer = null;
    const isKept = adminEmails.has(user.email.toLowerCase()) || (await isLastAdmin(transaction.em, user.id));
    if (!isKept && user.role !== to) {
      const detail = { from: user.role, to, reason: 'provider' };
      await recordAct(transaction, { action: 'user.role_changed', actorId: null, target: user, detail });
      user.changeRole(to);
    }
    await appendUserUpdated(transaction, user);
  }

  /** @returns `false` if the identity has another account */
  private async add(transaction: LogTransaction, user: User, identity: LinkableIdentity): Promise<boolean> {
    const { em, at } = transaction;
    const { issuer, subject, email } = identity;
    const existing = await em.findOne(Identity, { issuer, subject });
    if (existing) return existing.userId === user.id;
    em.create(Identity, { issuer, subject, userId: user.id, email, createdAt: at, lastUsedAt: null });
    await em.flush();
    await this.changed(transaction, user, 'identity.linked', identity);
    return true;
  }

  private async changed(
    transaction: LogTransaction,
    user: User,
    action: string,
    { issuer, email }: Pick<Identity, 'issuer' | 'email'>,
  ): Promise<void> {
    const detail = { provider: this.providers.labelOf(issuer), issuer, email: email ?? null };
    await recordAct(transaction, { action, actorId: user.id, target: user, detail });
    transaction.append(userStream(user.id), { type: 'identities.changed', data: {} });
    transaction.append(ADMIN_STREAM, { type: 'account.changed', data: { userId: user.id } });
  }

  /** The name of the provider with this issuer. */
  labelOf(issuer: string): string {
    return this.providers.labelOf(issuer);
  }

  private view(identity: Identity): LinkedIdentity {
    return {
      id: idOf(identity),
      label: this.labelOf(identity.issuer),
      email: identity.email ?? null,
      linkedAt: identity.createdAt,
      lastUsedAt: identity.lastUsedAt ?? null,
    };
  }
}

/** Not the subject itself, which only the provider needs. */
const idOf = ({ issuer, subject }: Pick<Identity, 'issuer' | 'subject'>): string => sha256(`${issuer}\n${subject}`);

const findAll = (em: EntityManager, userId: string): Promise<Identity[]> =>
  em.find(Identity, { userId }, { orderBy: { createdAt: 'asc', issuer: 'asc', subject: 'asc' } });

const lockUser = (em: EntityManager, id: string): Promise<User> =>
  em.findOneOrFail(User, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
