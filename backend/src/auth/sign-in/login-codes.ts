import { randomBytes } from 'node:crypto';
import { LockMode } from '@mikro-orm/core';
import { Injectable } from '@nestjs/common';
import { Database, type EntityManager } from '../../database/database.js';
import { EventLog } from '../../streams/log/event-log.js';
import { REMOVE_CODES } from '../expired-rows.statements.js';
import { isSameSecret, sha256 } from '../hash.js';
import { LoginCode } from './login-code.entity.js';
import type { ProviderSession } from '../providers/sign-in-provider.js';
import { removeExpired } from '../../database/transactions/remove-expired.js';

const LIFE_MS = 60_000;
/** How long a used code is kept, to detect a second use. */
const KEPT_AFTER_USE_MS = 24 * 3_600_000;

/** The result of redeeming a code; all but `good` are refused. */
export type Redeemed =
  | {
      readonly kind: 'good';
      readonly userId: string;
      readonly session: ProviderSession;
      readonly usedFor: (sessionId: string) => void;
    }
  | { readonly kind: 'reused'; readonly userId: string; readonly sessionId: string }
  | { readonly kind: 'expired' | 'foreign'; readonly userId: string }
  | { readonly kind: 'unknown' };

/** Issues and redeems the one-time codes that pass a finished sign-in to the page. */
@Injectable()
export class LoginCodes {
  constructor(
    private readonly database: Database,
    private readonly log: EventLog,
  ) {}

  async issue(userId: string, challenge: string, session: ProviderSession): Promise<string> {
    const code = randomBytes(32).toString('base64url');
    // Through the log, which finds out the outcome of a commit without a response.
    await this.log.write(({ em }) =>
      em.insert(LoginCode, {
        codeHash: sha256(code),
        userId,
        challenge,
        expiresAt: this.database.clock.now() + LIFE_MS,
        sessionId: null,
        ...session,
      }),
    );
    return code;
  }

  /**
   * Redeems a code. An expired code, or one with a wrong verifier, is removed, so that verifiers cannot be guessed; for
   * a good one the caller must call `usedFor`. The caller must commit these changes.
   */
  async redeem(em: EntityManager, code: string, verifier: string): Promise<Redeemed> {
    // Locked, because another request may be using it.
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
    const { issuer, providerSession, idToken, providerTokens } = found;
    return {
      kind: 'good',
      userId,
      session: {
        issuer: issuer ?? null,
        providerSession: providerSession ?? null,
        idToken: idToken ?? null,
        providerTokens: providerTokens ?? null,
      },
      usedFor,
    };
  }

  sweep(now: number): Promise<void> {
    return removeExpired(this.database, REMOVE_CODES, now);
  }
}
