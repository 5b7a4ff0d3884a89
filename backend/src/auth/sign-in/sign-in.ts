import { Injectable } from '@nestjs/common';
import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '../../database/database.js';
import { ChatError, type TokenGrant } from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { RefusedAttempts } from '../../users/admin/refused-attempts.js';
import { User } from '../../users/user.entity.js';
import { viewUser } from '../../users/user.views.js';
import { ACCESS_TOKEN_SECONDS, AccessTokens } from '../sessions/access-tokens.js';
import { ProviderRoles } from '../roles/provider-roles.js';
import { RefreshTokens } from '../sessions/refresh-tokens.js';
import { LoginCodes } from './login-codes.js';
import { Sessions } from '../sessions/sessions.js';

const MAX_USER_AGENT = 200;

/** A grant for the page, and the refresh token for its cookie if there is a new one. */
export interface Granted {
  readonly grant: TokenGrant;
  readonly refreshToken?: string | undefined;
  /** When the session expires, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** The browser that signs in. */
export interface SigningIn {
  readonly userAgent: string;
  /** The refresh token of the browser's previous session, if it had one. */
  readonly refreshToken: string | undefined;
}

/** Why no session was opened; `account` is the account of the code. */
interface Refusal {
  readonly reason: 'code_unknown' | 'code_expired' | 'code_foreign' | 'code_reused' | 'account_disabled';
  readonly account?: Pick<User, 'id' | 'email'> | undefined;
}

/** Exchanges one-time codes and refresh tokens for access tokens. */
@Injectable()
export class SignIn {
  constructor(
    private readonly log: EventLog,
    private readonly codes: LoginCodes,
    private readonly sessions: Sessions,
    private readonly tokens: AccessTokens,
    private readonly refused: RefusedAttempts,
    private readonly roles: ProviderRoles,
    private readonly refreshTokens: RefreshTokens,
  ) {}

  /**
   * Opens a session, and ends the previous session of the browser. The second use of a code means that it was stolen:
   * the session that it opened ends (RFC 6749, 4.1.2).
   * @throws ChatError `unauthenticated` for a code that is unknown, used, expired or of another page
   */
  async exchange(code: string, verifier: string, browser: SigningIn): Promise<Granted> {
    // Refusals are returned and thrown after the commit, because their changes must be kept.
    const outcome = await this.log.write((transaction) => this.open(transaction, code, verifier, browser));
    if ('grant' in outcome) return outcome;
    const { reason, account } = outcome;
    await this.refused.record({ action: 'sign_in.failed', actorId: null, target: account, detail: { reason } });
    throw new ChatError('unauthenticated', 'The sign-in cannot be finished: please sign in again.');
  }

  private async open(
    transaction: LogTransaction,
    code: string,
    verifier: string,
    { userAgent, refreshToken }: SigningIn,
  ): Promise<Granted | Refusal> {
    const { em } = transaction;
    const redeemed = await this.codes.redeem(em, code, verifier);
    if (redeemed.kind === 'unknown') return { reason: 'code_unknown' };
    const user = await findUser(em, redeemed.userId);
    if (redeemed.kind === 'reused') await this.sessions.endWithin(transaction, redeemed.sessionId);
    if (redeemed.kind !== 'good') return { reason: `code_${redeemed.kind}`, account: user ?? undefined };
    if (!user || user.disabled) return { reason: 'account_disabled', account: user ?? undefined };
    if (refreshToken !== undefined) await this.sessions.endReplaced(transaction, refreshToken);
    const opened = this.sessions.open(transaction, user.id, userAgent.slice(0, MAX_USER_AGENT), redeemed.session);
    redeemed.usedFor(opened.session.id);
    return this.grant(user, opened.session, opened.refreshToken);
  }

  /**
   * Exchanges a refresh token for new tokens.
   * @throws ChatError `session_ended` when the session was ended early: by its user, by an admin, or by the reuse of an
   * old token; `unauthenticated` for an unknown token, or one of an expired session
   */
  async refresh(refreshToken: string | undefined): Promise<Granted> {
    const sessionId = refreshToken === undefined ? undefined : this.refreshTokens.sessionOf(refreshToken);
    // First, so that the grant has the new role, and the session may have ended.
    if (sessionId !== undefined) await this.roles.beforeRefresh(sessionId);
    const outcome = refreshToken === undefined ? 'refused' : await this.rotate(refreshToken);
    if (outcome === 'ended') throw new ChatError('session_ended', 'This session was ended.');
    if (outcome === 'refused') throw new ChatError('unauthenticated', 'This browser is not signed in any more.');
    return outcome;
  }

  private async rotate(refreshToken: string): Promise<Granted | 'ended' | 'refused'> {
    let next: string | undefined;
    try {
      return await this.log.write(async (transaction) => {
        const refreshed = await this.sessions.rotate(transaction, refreshToken);
        if (refreshed.kind !== 'renewed') return refreshed.kind;
        const { session } = refreshed;
        next = refreshed.refreshToken;
        const user = await transaction.em.findOne(User, { id: session.userId, disabled: false });
        return user ? this.grant(user, session, next) : 'ended';
      });
    } catch (error) {
      // The browser will retry with its current token, which must not be treated as a reused one.
      if (next !== undefined) this.sessions.keepBack(next);
      throw error;
    }
  }

  private grant(user: User, session: { id: string; expiresAt: number }, refreshToken?: string): Granted {
    const accessToken = this.tokens.issue(user, session.id);
    const grant = { accessToken, expiresIn: ACCESS_TOKEN_SECONDS, user: viewUser(user) };
    return { grant, refreshToken, expiresAt: session.expiresAt };
  }
}

/** Locked, because disabling the account at the same time would end all sessions except for the new one. */
const findUser = (em: EntityManager, id: string): Promise<User | null> =>
  em.findOne(User, { id }, { lockMode: LockMode.PESSIMISTIC_READ });
