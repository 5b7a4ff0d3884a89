import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { deriveKeys } from '../auth/derived-key.js';
import { Seal } from '../auth/secrets/seal.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';

/** Standard Webhooks 1.0 asks for 24 to 64 bytes. */
const SECRET_BYTES = 32;

/** Creates the secrets of webhooks, and encrypts them for the database. */
@Injectable()
export class WebhookSecrets extends Seal {
  constructor(@Inject(CONFIG) config: Config) {
    super(deriveKeys(config, 'webhook-secret'));
  }

  /** A new secret, in the format of Standard Webhooks. */
  create(): string {
    return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
  }
}
