import { Injectable } from '@nestjs/common';
import { LockMode } from '@mikro-orm/core';
import type { z } from 'zod';
import type { Principal } from '../../common/handlers/principal.js';
import { Database } from '../../database/database.js';
import type { bodies, CreatedToken } from '../../protocol/http/index.js';
import {
  ADMIN_STREAM,
  ChatError,
  MAX_TOKENS,
  type PersonalToken as TokenView,
  userStream,
} from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { recordAct } from '../../users/admin/audit.js';
import { User } from '../../users/user.entity.js';
import { REMOVE_EXPIRED_TOKENS } from '../expired-rows.statements.js';
import { sha256 } from '../hash.js';
import { removeExpired } from '../../database/transactions/remove-expired.js';
import { PersonalToken } from './personal-token.entity.js';
import { viewToken } from './personal-token.view.js';
import { createToken } from './token-format.js';

/** How long an expired token is listed, so that its user can see why a program has stopped. */
const LISTED_AFTER_EXPIRY_MS = 30 * 24 * 3_600_000;

/** The personal access tokens of users, for programs. */
@Injectable()
export class PersonalTokens {
  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
  ) {}

  /** All tokens of a user, the newest first; those that have expired lately are among them. */
  list(userId: string): Promise<TokenView[]> {
    return this.database.read(async (em) => {
      const rows = await em.find(PersonalToken, { userId }, { orderBy: { id: 'desc' } });
      return rows.map(viewToken);
    });
  }

  /**
   * Creates a token. Its secret is in the answer only: the database has a hash of it.
   * @throws ChatError `bad_request` for an expiry in the past, or when the user has too many tokens; `unauthenticated`
   * when the account was disabled in the meantime
   */
  async create(
    { userId }: Principal,
    { name, scopes, expiresAt }: z.infer<typeof bodies.token>,
  ): Promise<CreatedToken> {
    const token = createToken();
    const view = await this.log.write(async (transaction) => {
      const { em, at } = transaction;
      if (expiresAt !== null && expiresAt <= at) throw new ChatError('bad_request', 'expiresAt: is in the past');
      // The lock makes requests of the user wait for each other, and for the admin who disables the account.
      const user = await em.findOneOrFail(User, { id: userId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if (user.disabled) throw new ChatError('unauthenticated', 'The account is disabled.');
      const active = { userId, $or: [{ expiresAt: null }, { expiresAt: { $gt: at } }] };
      if ((await em.count(PersonalToken, active)) >= MAX_TOKENS) {
        throw new ChatError('bad_request', `You have ${MAX_TOKENS} access tokens: end one of them first.`);
      }
      const row = em.create(PersonalToken, {
        id: transaction.newId(),
        userId,
        name,
        tokenHash: sha256(token),
        scopes,
        createdAt: at,
        expiresAt,
        lastUsedAt: null,
      });
      await recordAct(transaction, { action: 'token.created', actorId: userId, detail: { name, scopes, expiresAt } });
      transaction.append(userStream(userId), { type: 'token.added', data: viewToken(row) });
      transaction.append(ADMIN_STREAM, { type: 'account.changed', data: { userId } });
      return viewToken(row);
    });
    return { ...view, token };
  }

  /**
   * Ends a token of a user at once.
   * @param actorId the user, or an admin
   * @throws ChatError `not_found` when it is another user's, has ended or does not exist (`A3`)
   */
  async end(actorId: string, userId: string, id: string): Promise<void> {
    await this.log.write(async (transaction) => {
      const lock = { lockMode: LockMode.PESSIMISTIC_WRITE };
      const token = await transaction.em.findOne(PersonalToken, { id, userId }, lock);
      if (!token) throw new ChatError('not_found', 'There is no such access token.');
      await finish(transaction, token, { actorId, reason: 'ended' });
    });
  }

  /** Ends all tokens of an account that is being disabled, in the caller's transaction. */
  async endAll(transaction: LogTransaction, userId: string): Promise<void> {
    const lock = { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' } } as const;
    const tokens = await transaction.em.find(PersonalToken, { userId }, lock);
    for (const token of tokens) await finish(transaction, token, { actorId: null, reason: 'disabled' });
  }

  /** Removes tokens that expired long ago. */
  async sweep(now: number): Promise<void> {
    await removeExpired(this.database, REMOVE_EXPIRED_TOKENS, now - LISTED_AFTER_EXPIRY_MS);
  }
}

interface Ending {
  readonly actorId: string | null;
  readonly reason: 'ended' | 'disabled';
}

async function finish(transaction: LogTransaction, token: PersonalToken, { actorId, reason }: Ending): Promise<void> {
  const { id, userId, name } = token;
  const target = await transaction.em.findOneOrFail(User, { id: userId });
  transaction.em.remove(token);
  await recordAct(transaction, { action: 'token.ended', actorId, target, detail: { name, reason } });
  transaction.append(userStream(userId), { type: 'token.ended', data: { tokenId: id } });
  transaction.append(ADMIN_STREAM, { type: 'account.changed', data: { userId } });
}
