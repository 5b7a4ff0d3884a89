import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { deriveKey } from '../auth/derived-key.js';
import { openText, sealText } from '../auth/sealed-text.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';

/** Standard Webhooks 1.0 asks for 24 to 64 bytes. */
const SECRET_BYTES = 32;

/** Creates the secrets of webhooks, and encrypts them for the database. */
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
    return sealText(this.key, secret);
  }

  /** `undefined` for a secret that was encrypted with another `APP_SECRET`. */
  open(sealed: string): Promise<string | undefined> {
    return openText(this.key, sealed);
  }
}
