import { randomBytes } from 'node:crypto';
import { LockMode } from '@mikro-orm/core';
import { Injectable } from '@nestjs/common';
import { Database, type EntityManager } from '../../database/database.js';
import { EventLog } from '../../streams/log/event-log.js';
import { REMOVE_CODES } from '../expired-rows.statements.js';
import { isSameSecret, sha256 } from '../hash.js';
import { LoginCode } from './login-code.entity.js';
import { removeExpired } from '../remove-expired.js';

const LIFE_MS = 60_000;
/** For so long a code that was used is known for what it is. */
const KEPT_AFTER_USE_MS = 24 * 3_600_000;

/** What a code is worth; all but `good` are refused. */
export type Redeemed =
  | { readonly kind: 'good'; readonly userId: string; readonly usedFor: (sessionId: string) => void }
  | { readonly kind: 'reused'; readonly userId: string; readonly sessionId: string }
  | { readonly kind: 'expired' | 'foreign'; readonly userId: string }
  | { readonly kind: 'unknown' };

/** One-time codes, which carry a finished sign-in to the page. */
@Injectable()
export class LoginCodes {
  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
  ) {}

  async issue(userId: string, challenge: string): Promise<string> {
    const code = randomBytes(32).toString('base64url');
    // Through the log, which finds out what became of a commit that is not answered.
    await this.log.write(({ em }) =>
      em.insert(LoginCode, {
        codeHash: sha256(code),
        userId,
        challenge,
        expiresAt: this.database.clock.now() + LIFE_MS,
        sessionId: null,
      }),
    );
    return code;
  }

  /**
   * Whose sign-in the code carries. One that is too old or not of this page is gone afterwards, so nobody tries
   * verifiers on it; a good one is to be marked as used. The caller must commit that.
   */
  async redeem(em: EntityManager, code: string, verifier: string): Promise<Redeemed> {
    // Locked: another request may be about to use it.
    const found = await em.findOne(LoginCode, { codeHash: sha256(code) }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (!found) return { kind: 'unknown' };
    const { userId, sessionId } = found;
    if ((sessionId ?? null) !== null) return { kind: 'reused', userId, sessionId: String(sessionId) };
    const isExpired = found.expiresAt <= this.database.clock.now();
    if (isExpired || !isSameSecret(found.challenge, sha256(verifier))) {
      em.remove(found);
      return { kind: isExpired ? 'expired' : 'foreign', userId };
    }
    const usedFor = (opened: string): void => {
      em.assign(found, { sessionId: opened, expiresAt: this.database.clock.now() + KEPT_AFTER_USE_MS });
    };
    return { kind: 'good', userId, usedFor };
  }

  sweep(now: number): Promise<void> {
    return removeExpired(this.database, REMOVE_CODES, now);
  }
}
