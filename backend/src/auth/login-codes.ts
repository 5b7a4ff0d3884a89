import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database, type EntityManager } from '../database/database.js';
import { REMOVE_CODES } from './expired-rows.statements.js';
import { isSameSecret, sha256 } from './hash.js';
import { LoginCode } from './login-code.entity.js';
import { removeExpired } from './remove-expired.js';

const LIFE_MS = 60_000;

/** One-time codes, which carry a finished sign-in to the page. */
@Injectable()
export class LoginCodes {
  constructor(private readonly database: Database) {}

  async issue(userId: string, challenge: string): Promise<string> {
    const code = randomBytes(32).toString('base64url');
    await this.database.write((em) =>
      em.insert(LoginCode, { codeHash: sha256(code), userId, challenge, expiresAt: Date.now() + LIFE_MS }),
    );
    return code;
  }

  /**
   * Whose sign-in the code carries; `undefined` for a code that is unknown, used, expired or not of this page. The
   * code is gone afterwards in any case, so nobody tries verifiers on it; the caller must commit that.
   */
  async redeem(em: EntityManager, code: string, verifier: string): Promise<string | undefined> {
    const codeHash = sha256(code);
    const found = await em.findOne(LoginCode, { codeHash });
    const removed = await em.nativeDelete(LoginCode, { codeHash });
    // Another request may have been faster: who removed the row has the code.
    if (!found || removed !== 1 || found.expiresAt <= Date.now()) return undefined;
    return isSameSecret(found.challenge, sha256(verifier)) ? found.userId : undefined;
  }

  sweep(now: number): Promise<void> {
    return removeExpired(this.database, REMOVE_CODES, now);
  }
}
