import { createHmac, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { uuid } from '../../protocol/index.js';
import { deriveKey } from '../derived-key.js';
import { isSameSecret } from '../hash.js';

/**
 * Creates refresh tokens: the id of the session, random bytes, and an HMAC of both. The HMAC distinguishes old tokens
 * of any age from forged ones: only the reuse of a genuine token may end a session.
 */
@Injectable()
export class RefreshTokens {
  private readonly key: Buffer;

  constructor(@Inject(CONFIG) config: Config) {
    this.key = deriveKey(config.appSecret, 'refresh-token');
  }

  create(sessionId: string): string {
    const content = `${sessionId}.${randomBytes(32).toString('base64url')}`;
    return `${content}.${this.seal(content)}`;
  }

  /** The session of a token; `undefined` for a forged token. */
  sessionOf(token: string): string | undefined {
    const [sessionId = '', random = '', seal = '', ...others] = token.split('.');
    if (others.length > 0 || !isSameSecret(seal, this.seal(`${sessionId}.${random}`))) return undefined;
    return uuid.safeParse(sessionId).data;
  }

  private seal(content: string): string {
    return createHmac('sha256', this.key).update(content).digest('base64url');
  }
}
