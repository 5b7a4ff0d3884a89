import { Inject, Injectable } from '@nestjs/common';
import { EncryptJWT, errors, jwtDecrypt } from 'jose';
import { z } from 'zod';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { deriveKey } from './derived-key.js';

export const LOGIN_LIFE_MS = 600_000;
const TYPE = 'login+jwt';

const pendingLogin = z.object({
  state: z.string(),
  /** PKCE, between this server and the provider. */
  providerVerifier: z.string(),
  /** PKCE, between the page and this server. */
  challenge: z.string(),
  returnPath: z.string(),
});
/** What must be remembered while somebody is at the provider's. */
export type PendingLogin = z.infer<typeof pendingLogin>;

export type OpenedLogin = PendingLogin | 'expired' | 'invalid';

/** Seals a pending login, so that the browser can keep it without reading or changing it (JWE, AES-256-GCM). */
@Injectable()
export class LoginCookie {
  private readonly key: Buffer;

  constructor(@Inject(CONFIG) config: Config) {
    this.key = deriveKey(config.appSecret, 'login-cookie');
  }

  seal(login: PendingLogin): Promise<string> {
    return new EncryptJWT({ ...login })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ: TYPE })
      .setExpirationTime(new Date(Date.now() + LOGIN_LIFE_MS))
      .encrypt(this.key);
  }

  async open(sealed: string): Promise<OpenedLogin> {
    try {
      const { payload } = await jwtDecrypt(sealed, this.key, {
        contentEncryptionAlgorithms: ['A256GCM'],
        keyManagementAlgorithms: ['dir'],
        typ: TYPE,
        requiredClaims: ['exp'],
        currentDate: new Date(Date.now()),
      });
      return pendingLogin.parse(payload);
    } catch (error) {
      if (error instanceof errors.JWTExpired) return 'expired';
      if (error instanceof errors.JOSEError || error instanceof z.ZodError) return 'invalid';
      throw error;
    }
  }
}
