import { Inject, Injectable } from '@nestjs/common';
import { EncryptJWT, errors, jwtDecrypt } from 'jose';
import { z } from 'zod';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { deriveKey } from '../derived-key.js';

export const LOGIN_LIFE_MS = 600_000;
const TYPE = 'login+jwt';

/** Browsers drop a cookie of more than 4096 bytes, name and attributes included. */
const MAX_SEALED_LENGTH = 3_600;

const pendingLogin = z.object({
  state: z.string(),
  /** PKCE, between this server and the provider. */
  providerVerifier: z.string(),
  /** PKCE, between the page and this server. */
  challenge: z.string(),
  returnPath: z.string(),
  /** In milliseconds since 1970. */
  expiresAt: z.number(),
});
/** What must be remembered while somebody is at the provider's. */
export type PendingLogin = z.infer<typeof pendingLogin>;

/** Two tabs may be at the provider's at the same time: the oldest first. */
const sealedLogins = z.object({ logins: z.array(pendingLogin) });

/**
 * Seals the pending logins of a browser, so that it can keep them without reading or changing them (JWE, AES-256-GCM).
 */
@Injectable()
export class LoginCookie {
  private readonly key: Buffer;

  constructor(@Inject(CONFIG) config: Config) {
    this.key = deriveKey(config.appSecret, 'login-cookie');
  }

  /** Those that fit into a cookie, the newest in any case. */
  async seal(logins: readonly PendingLogin[]): Promise<string> {
    const sealed = await new EncryptJWT({ logins })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ: TYPE })
      .encrypt(this.key);
    return sealed.length > MAX_SEALED_LENGTH && logins.length > 1 ? this.seal(logins.slice(1)) : sealed;
  }

  /** Nothing for a cookie that is not one of ours, or was changed. */
  async open(sealed: string): Promise<readonly PendingLogin[]> {
    try {
      const { payload } = await jwtDecrypt(sealed, this.key, {
        contentEncryptionAlgorithms: ['A256GCM'],
        keyManagementAlgorithms: ['dir'],
        typ: TYPE,
      });
      return sealedLogins.parse(payload).logins;
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof z.ZodError) return [];
      throw error;
    }
  }
}
