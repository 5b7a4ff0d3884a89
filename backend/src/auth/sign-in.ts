import { Injectable } from '@nestjs/common';
import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '../database/database.js';
import { ChatError, type TokenGrant } from '../protocol/index.js';
import { EventLog } from '../streams/event-log.js';
import { Accounts, type VerifiedIdentity } from '../users/accounts.js';
import { User } from '../users/user.entity.js';
import { viewUser } from '../users/user.views.js';
import { ACCESS_TOKEN_SECONDS, AccessTokens } from './access-tokens.js';
import { LoginCodes } from './login-codes.js';
import { LoginFailure } from './login-failure.js';
import { Sessions } from './sessions.js';

const MAX_USER_AGENT = 200;

/** A grant for the page, and the refresh token for its cookie where there is a new one. */
export interface Granted {
  readonly grant: TokenGrant;
  readonly refreshToken?: string | undefined;
  /** When the session is over in any case. */
  readonly expiresAt: number;
}

/** The way from a verified identity to tokens, in two steps, and on with every refresh. */
@Injectable()
export class SignIn {
  constructor(
    private readonly log: EventLog,
    private readonly accounts: Accounts,
    private readonly codes: LoginCodes,
    private readonly sessions: Sessions,
    private readonly tokens: AccessTokens,
  ) {}

  /**
   * Makes the one-time code for a person whom the provider has verified.
   * @throws LoginFailure `account_disabled`
   */
  async accept(identity: VerifiedIdentity, challenge: string): Promise<string> {
    const user = await this.accounts.signIn(identity);
    if (user.disabled) throw new LoginFailure('account_disabled', { account: user });
    return this.codes.issue(user.id, challenge);
  }

  /** @throws ChatError `unauthenticated` for a code that is unknown, used, expired or of another page */
  async exchange(code: string, verifier: string, userAgent: string): Promise<Granted> {
    // A refusal is an answer here and thrown below: the used code must stay used.
    const granted = await this.log.write(async ({ em }) => {
      const userId = await this.codes.redeem(em, code, verifier);
      const user = userId === undefined ? null : await findEnabled(em, userId);
      if (!user) return undefined;
      const { session, refreshToken } = this.sessions.open(em, user.id, userAgent.slice(0, MAX_USER_AGENT));
      return this.grant(user, session, refreshToken);
    });
    if (granted) return granted;
    throw new ChatError('unauthenticated', 'The sign-in cannot be finished: please sign in again.');
  }

  /** @throws ChatError `unauthenticated` for a token that is unknown, too old, or of a session that is over */
  async refresh(refreshToken: string | undefined): Promise<Granted> {
    const granted = refreshToken === undefined ? undefined : await this.rotate(refreshToken);
    if (granted) return granted;
    throw new ChatError('unauthenticated', 'Nobody is signed in here any more.');
  }

  private rotate(refreshToken: string): Promise<Granted | undefined> {
    return this.log.write(async (transaction) => {
      const refreshed = await this.sessions.rotate(transaction, refreshToken);
      if (refreshed.kind === 'refused') return undefined;
      const { session } = refreshed;
      const user = await transaction.em.findOne(User, { id: session.userId, disabled: false });
      return user ? this.grant(user, session, refreshed.refreshToken) : undefined;
    });
  }

  private grant(user: User, session: { id: string; expiresAt: number }, refreshToken?: string): Granted {
    const accessToken = this.tokens.issue(user, session.id);
    const grant = { accessToken, expiresIn: ACCESS_TOKEN_SECONDS, user: viewUser(user) };
    return { grant, refreshToken, expiresAt: session.expiresAt };
  }
}

/** Locked against being disabled meanwhile, which ends all sessions but could not see the new one yet. */
const findEnabled = (em: EntityManager, id: string): Promise<User | null> =>
  em.findOne(User, { id, disabled: false }, { lockMode: LockMode.PESSIMISTIC_READ });
