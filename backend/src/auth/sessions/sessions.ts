import { Injectable } from '@nestjs/common';
import { LockMode } from '@mikro-orm/core';
import { v7 as uuidv7 } from 'uuid';
import type { Principal } from '../../common/handlers/principal.js';
import { Database } from '../../database/database.js';
import { ADMIN_STREAM, ChatError, type SessionView, userStream } from '../../protocol/index.js';
import { EventLog } from '../../streams/log/event-log.js';
import type { LogTransaction } from '../../streams/log/log-transaction.js';
import { recordAct } from '../../users/admin/audit.js';
import { User } from '../../users/user.entity.js';
import { REMOVE_ENDED_SESSIONS, REMOVE_EXPIRED_SESSIONS } from '../expired-rows.statements.js';
import { sha256 } from '../hash.js';
import type { ProviderSession } from '../providers/sign-in-provider.js';
import { RefreshTokens } from './refresh-tokens.js';
import { removeExpired } from '../../database/transactions/remove-expired.js';
import { Session } from './session.entity.js';
import { viewSession } from './session.view.js';

const SESSION_LIFE_MS = 30 * 24 * 3_600_000;
/** How long the previous refresh token stays valid, for tabs that refresh at the same time. */
const GRACE_MS = 10_000;
/** Ended sessions are kept as long as browsers may have their tokens, so that these are recognised as ended. */
const KEPT_AFTER_END_MS = SESSION_LIFE_MS;
/** The highest number of remembered tokens that were not sent to their browser. */
const MAX_UNSENT = 10_000;

export interface OpenedSession {
  readonly session: Session;
  readonly refreshToken: string;
}

/** What a provider has ended: its own session, or all sessions of a user, or the session of that user. */
export interface EndedAtProvider {
  readonly issuer: string;
  readonly providerSession?: string | undefined;
  readonly userId?: string | undefined;
}

/** The outcome of a refresh; without a `refreshToken` the cookie stays as it is. */
export type Refreshed =
  | { readonly kind: 'refused' }
  /** The session was ended before its expiry. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'renewed'; readonly session: Session; readonly refreshToken?: string };

/** Opens, renews and ends the sessions of signed-in browsers. */
@Injectable()
export class Sessions {
  /** Hashes of tokens that may be stored but were not sent to their browser. */
  private readonly unsent = new Set<string>();
  /**
   * When this process rotated the refresh token of sessions, by `performance.now()`, the oldest first, so that the
   * grace period does not end early when a clock is set forward.
   */
  private readonly rotations = new Map<string, number>();

  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
    private readonly tokens: RefreshTokens,
  ) {}

  /** Opens a session in the caller's transaction; `at` is the session at the provider. */
  open(transaction: LogTransaction, userId: string, userAgent: string, at: ProviderSession): OpenedSession {
    const id = uuidv7();
    const refreshToken = this.tokens.create(id);
    const now = this.database.clock.now();
    const session = transaction.em.create(Session, {
      id,
      userId,
      tokenHash: sha256(refreshToken),
      previousTokenHash: null,
      rotatedAt: now,
      userAgent,
      ...at,
      providerAskedAt: now,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: now + SESSION_LIFE_MS,
      endedAt: null,
    });
    transaction.append(ADMIN_STREAM, { type: 'account.changed', data: { userId } });
    return { session, refreshToken };
  }

  /**
   * Exchanges a refresh token for the next one. The use of a token that was replaced longer ago than the grace period
   * means that it was stolen: the session ends (RFC 9700, 4.14.2). The caller must commit that.
   */
  async rotate(transaction: LogTransaction, refreshToken: string): Promise<Refreshed> {
    const id = this.tokens.sessionOf(refreshToken);
    if (id === undefined) return { kind: 'refused' };
    const session = await transaction.em.findOne(Session, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    const now = this.database.clock.now();
    if (!session || isOver(session, now)) return { kind: hasEnded(session) ? 'ended' : 'refused' };
    const hash = sha256(refreshToken);
    const isLatest = hash === session.previousTokenHash && this.unsent.has(session.tokenHash);
    if (hash !== session.tokenHash && !isLatest) {
      if (now - session.rotatedAt > GRACE_MS && !this.hasJustRotated(id)) {
        await this.endStolen(transaction, session);
        return { kind: 'ended' };
      }
      return hash === session.previousTokenHash ? { kind: 'renewed', session } : { kind: 'refused' };
    }
    const next = this.tokens.create(id);
    session.previousTokenHash = hash;
    session.tokenHash = sha256(next);
    session.rotatedAt = session.lastUsedAt = now;
    this.noteRotation(id);
    return { kind: 'renewed', session, refreshToken: next };
  }

  /**
   * Notes that a token is not sent to its browser, because it is not known whether it was stored: on this process the
   * previous token, which the browser has, stays valid.
   */
  keepBack(refreshToken: string): void {
    this.unsent.add(sha256(refreshToken));
    const [oldest] = this.unsent;
    if (this.unsent.size > MAX_UNSENT && oldest !== undefined) this.unsent.delete(oldest);
  }

  /**
   * Ends one session of a user.
   * @returns the session at the provider that it belongs to
   * @throws ChatError `not_found` when the session is another user's, has ended or does not exist (`A3`)
   */
  async end(userId: string, sessionId: string): Promise<ProviderSession> {
    return this.log.write(async (transaction) => {
      const { issuer, providerSession, idToken } = await this.endOne(transaction, userId, sessionId);
      return {
        issuer: issuer ?? null,
        providerSession: providerSession ?? null,
        idToken: idToken ?? null,
        providerTokens: null,
      };
    });
  }

  /** Ends one session of a user in the caller's transaction. @throws ChatError `not_found` as above */
  async endOne(transaction: LogTransaction, userId: string, sessionId: string): Promise<Session> {
    const lock = { lockMode: LockMode.PESSIMISTIC_WRITE };
    const session = await transaction.em.findOne(Session, { id: sessionId, userId }, lock);
    if (!session || isOver(session, this.database.clock.now()))
      throw new ChatError('not_found', 'There is no such session.');
    this.finish(transaction, session);
    return session;
  }

  /** Ends all sessions of a user but this one, and records it if there were any. */
  async endOthers({ userId, sessionId }: Principal): Promise<void> {
    await this.log.write(async (transaction) => {
      const count = await this.endAll(transaction, userId, sessionId);
      if (count === 0) return;
      const target = await transaction.em.findOneOrFail(User, { id: userId });
      const detail = { count };
      await recordAct(transaction, { action: 'session.others_ended', actorId: userId, target, detail });
    });
  }

  /** Ends the session of a refresh token, which is replaced by another session in its browser. */
  async endReplaced(transaction: LogTransaction, refreshToken: string): Promise<void> {
    const id = this.tokens.sessionOf(refreshToken);
    if (id !== undefined) await this.endWithin(transaction, id);
  }

  /** Ends a session in the caller's transaction. @returns `false` when it had ended already */
  async endWithin(transaction: LogTransaction, id: string): Promise<boolean> {
    const session = await transaction.em.findOne(Session, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (!session || isOver(session, this.database.clock.now())) return false;
    this.finish(transaction, session);
    return true;
  }

  /**
   * Ends all sessions of a user in the caller's transaction.
   * @param exceptId a session that stays
   * @returns how many; those that have expired are not counted
   */
  async endAll(transaction: LogTransaction, userId: string, exceptId?: string): Promise<number> {
    const lock = { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' } } as const;
    const found = await transaction.em.find(Session, { userId, endedAt: null }, lock);
    const sessions = found.filter(({ id }) => id !== exceptId);
    for (const session of sessions) this.finish(transaction, session);
    return sessions.filter(({ expiresAt }) => expiresAt > transaction.at).length;
  }

  /**
   * Ends the sessions that a provider has ended (Back-Channel Logout 1.0, 2.7): one of its own sessions, or all of a user.
   * @returns how many
   */
  async endAtProvider(transaction: LogTransaction, at: EndedAtProvider): Promise<number> {
    const { issuer, providerSession, userId } = at;
    const where = {
      issuer,
      endedAt: null,
      ...(providerSession !== undefined && { providerSession }),
      ...(userId !== undefined && { userId }),
    };
    const lock = { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' } } as const;
    const sessions = await transaction.em.find(Session, where, lock);
    for (const session of sessions) this.finish(transaction, session);
    return sessions.length;
  }

  /** The active sessions of a user, the last used one first. */
  async list(userId: string, currentId: string): Promise<SessionView[]> {
    return this.database.read(async (em) => {
      const alive = { userId, endedAt: null, expiresAt: { $gt: this.database.clock.now() } };
      const rows = await em.find(Session, alive, { orderBy: { lastUsedAt: 'desc', id: 'desc' } });
      return rows.map((session) => viewSession(session, currentId));
    });
  }

  async sweep(now: number): Promise<void> {
    await removeExpired(this.database, REMOVE_EXPIRED_SESSIONS, now);
    await removeExpired(this.database, REMOVE_ENDED_SESSIONS, now - KEPT_AFTER_END_MS);
  }

  private hasJustRotated(id: string): boolean {
    return performance.now() - (this.rotations.get(id) ?? Number.NEGATIVE_INFINITY) <= GRACE_MS;
  }

  private noteRotation(id: string): void {
    this.rotations.delete(id);
    this.rotations.set(id, performance.now());
    for (const other of this.rotations.keys()) {
      if (this.hasJustRotated(other)) break;
      this.rotations.delete(other);
    }
  }

  private async endStolen(transaction: LogTransaction, session: Session): Promise<void> {
    this.finish(transaction, session);
    const target = await transaction.em.findOneOrFail(User, { id: session.userId });
    await recordAct(transaction, {
      action: 'sign_in.failed',
      actorId: null,
      target,
      detail: { reason: 'token_reused' },
    });
  }

  private finish(transaction: LogTransaction, session: Session): void {
    session.endedAt = transaction.at;
    session.providerTokens = null;
    const data = { sessionId: session.id };
    transaction.append(userStream(session.userId), { type: 'session.ended', data });
    transaction.append(ADMIN_STREAM, { type: 'account.changed', data: { userId: session.userId } });
  }
}

const hasEnded = (session: Session | null): boolean => (session?.endedAt ?? null) !== null;

const isOver = (session: Session, now: number): boolean => hasEnded(session) || session.expiresAt <= now;
