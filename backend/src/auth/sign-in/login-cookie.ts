import { Inject, Injectable } from '@nestjs/common';
import { EncryptJWT, errors, jwtDecrypt } from 'jose';
import { z } from 'zod';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { deriveKeys, type Keys } from '../derived-key.js';
import { withAnyKey } from '../secrets/any-key.js';

export const LOGIN_LIFE_MS = 600_000;
const TYPE = 'login+jwt';

/** Browsers drop cookies of more than 4096 bytes, including name and attributes. */
const MAX_SEALED_LENGTH = 3_600;

const pendingLogin = z.object({
  /** The id of the provider that the browser was sent to. */
  provider: z.string(),
  state: z.string(),
  /** Which the ID token has to contain; `null` for providers without one. */
  nonce: z.string().nullable(),
  /** PKCE, between this server and the provider. */
  providerVerifier: z.string(),
  /** PKCE, between the page and this server. */
  challenge: z.string(),
  returnPath: z.string(),
  /** Whether the identity is to be linked to the account that is signed in. */
  isLink: z.boolean(),
  /** In milliseconds since 1970. */
  expiresAt: z.number(),
});
/** The state of a sign-in while the browser is at the provider. */
export type PendingLogin = z.infer<typeof pendingLogin>;

/** Several tabs may sign in at the same time; the oldest sign-in comes first. */
const sealedLogins = z.object({ logins: z.array(pendingLogin) });

/**
 * Encrypts the pending sign-ins of a browser for a cookie, so that they cannot be read or changed (JWE, AES-256-GCM).
 */
@Injectable()
export class LoginCookie {
  private readonly keys: Keys;

  constructor(@Inject(CONFIG) config: Config) {
    this.keys = deriveKeys(config, 'login-cookie');
  }

  /** Encrypts as many sign-ins as fit into a cookie; the oldest are dropped, the newest is always included. */
  async seal(logins: readonly PendingLogin[]): Promise<string> {
    const sealed = await new EncryptJWT({ logins })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ: TYPE })
      .encrypt(this.keys.current);
    return sealed.length > MAX_SEALED_LENGTH && logins.length > 1 ? this.seal(logins.slice(1)) : sealed;
  }

  /** Decrypts a cookie; empty for one that was not created here or was changed. */
  async open(sealed: string): Promise<readonly PendingLogin[]> {
    try {
      const options = { contentEncryptionAlgorithms: ['A256GCM'], keyManagementAlgorithms: ['dir'], typ: TYPE };
      const { payload } = await withAnyKey(this.keys, (key) => jwtDecrypt(sealed, key, options));
      return sealedLogins.parse(payload).logins;
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof z.ZodError) return [];
      throw error;
    }
  }
}
