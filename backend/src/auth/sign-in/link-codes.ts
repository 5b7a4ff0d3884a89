import { Inject, Injectable } from '@nestjs/common';
import { EncryptJWT, errors, jwtDecrypt } from 'jose';
import { z } from 'zod';
import { dateOf } from '../../clock.js';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { Clock } from '../../database/clock.js';
import type { VerifiedIdentity } from '../../users/accounts.js';
import { deriveKeys, type Keys } from '../derived-key.js';
import { isSameSecret, sha256 } from '../hash.js';
import { withAnyKey } from '../secrets/any-key.js';
import { UsedStates } from './used-states.js';

const LIFE_S = 60;
const TYPE = 'link+jwt';

const sealed = z.object({
  challenge: z.string(),
  exp: z.int(),
  identity: z.object({ issuer: z.string(), subject: z.string(), email: z.string() }),
});

/** What is stored of an identity that is linked to an account. */
export type LinkableIdentity = Pick<VerifiedIdentity, 'issuer' | 'subject' | 'email'>;

/**
 * One-time codes that pass a verified identity to the page that links it. The identity itself is in the code, encrypted,
 * since it belongs to no account yet.
 */
@Injectable()
export class LinkCodes {
  private readonly keys: Keys;

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly used: UsedStates,
    private readonly clock: Clock,
  ) {
    this.keys = deriveKeys(config, 'link-code');
  }

  issue({ issuer, subject, email }: LinkableIdentity, challenge: string): Promise<string> {
    return new EncryptJWT({ challenge, identity: { issuer, subject, email } })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ: TYPE })
      .setExpirationTime(Math.floor(this.clock.now() / 1000) + LIFE_S)
      .encrypt(this.keys.current);
  }

  /** The identity of a code; `undefined` for a code that is used, expired, forged or of another page. */
  async redeem(code: string, verifier: string): Promise<LinkableIdentity | undefined> {
    const found = await this.open(code);
    if (!found || !isSameSecret(found.challenge, sha256(verifier))) return undefined;
    return (await this.used.use(code)) ? found.identity : undefined;
  }

  private async open(code: string): Promise<z.infer<typeof sealed> | undefined> {
    try {
      const options = {
        contentEncryptionAlgorithms: ['A256GCM'],
        keyManagementAlgorithms: ['dir'],
        typ: TYPE,
        // By the shared clock, as in `issue`.
        currentDate: dateOf(this.clock.now()),
      };
      const { payload } = await withAnyKey(this.keys, (key) => jwtDecrypt(code, key, options));
      return sealed.parse(payload);
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof z.ZodError) return undefined;
      throw error;
    }
  }
}
