import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CompactEncrypt, compactDecrypt, errors } from 'jose';
import { deriveKey } from '../auth/derived-key.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';

/** Standard Webhooks 1.0 asks for 24 to 64 bytes. */
const SECRET_BYTES = 32;

/** Creates the secrets of webhooks, and encrypts them for the database (JWE, AES-256-GCM). */
@Injectable()
export class WebhookSecrets {
  private readonly key: Buffer;

  constructor(@Inject(CONFIG) config: Config) {
    this.key = deriveKey(config.appSecret, 'webhook-secret');
  }

  /** A new secret, in the format of Standard Webhooks. */
  create(): string {
    return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
  }

  seal(secret: string): Promise<string> {
    const header = { alg: 'dir', enc: 'A256GCM' };
    return new CompactEncrypt(new TextEncoder().encode(secret)).setProtectedHeader(header).encrypt(this.key);
  }

  /** `undefined` for a secret that was encrypted with another `APP_SECRET`. */
  async open(sealed: string): Promise<string | undefined> {
    try {
      const { plaintext } = await compactDecrypt(sealed, this.key);
      return new TextDecoder().decode(plaintext);
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }
}
