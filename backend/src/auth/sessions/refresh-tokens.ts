import { createHmac, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { uuid } from '../../protocol/index.js';
import { deriveKeys, type Keys } from '../derived-key.js';
import { isSameSecret } from '../hash.js';

/**
 * Creates refresh tokens: the id of the session, random bytes, and an HMAC of both. The HMAC distinguishes old tokens
 * of any age from forged ones: only the reuse of a genuine token may end a session.
 */
@Injectable()
export class RefreshTokens {
  private readonly keys: Keys;

  constructor(@Inject(CONFIG) config: Config) {
    this.keys = deriveKeys(config, 'refresh-token');
  }

  create(sessionId: string): string {
    const content = `${sessionId}.${randomBytes(32).toString('base64url')}`;
    return `${content}.${sealed(content, this.keys.current)}`;
  }

  /** The session of a token; `undefined` for a forged token. */
  sessionOf(token: string): string | undefined {
    const [sessionId = '', random = '', seal = '', ...others] = token.split('.');
    const isGenuine = this.keys.accepted.some((key) => isSameSecret(seal, sealed(`${sessionId}.${random}`, key)));
    if (others.length > 0 || !isGenuine) return undefined;
    return uuid.safeParse(sessionId).data;
  }
}

const sealed = (content: string, key: Buffer): string => createHmac('sha256', key).update(content).digest('base64url');
