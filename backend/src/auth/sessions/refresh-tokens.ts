import { createHmac, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { uuid } from '../../protocol/index.js';
import { deriveKey } from '../derived-key.js';
import { isSameSecret } from '../hash.js';

/**
 * Makes refresh tokens: the session's id, random bytes, and a seal over both. The seal tells an old token of ours, of
 * whatever age, from a made-up one: only the reuse of a real one may end a session.
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

  /** The session that a token was made for; `undefined` for a token that was not made here. */
  sessionOf(token: string): string | undefined {
    const [sessionId = '', random = '', seal = '', ...others] = token.split('.');
    if (others.length > 0 || !isSameSecret(seal, this.seal(`${sessionId}.${random}`))) return undefined;
    return uuid.safeParse(sessionId).data;
  }

  private seal(content: string): string {
    return createHmac('sha256', this.key).update(content).digest('base64url');
  }
}
