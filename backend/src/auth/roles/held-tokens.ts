import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { deriveKeys } from '../derived-key.js';
import { Seal } from '../secrets/seal.js';

/** With what a provider is asked for the claims of a user again. */
export const heldTokens = z.object({
  subject: z.string(),
  accessToken: z.string(),
  /** `null` from a provider that gives none: then userinfo is asked as long as the access token is valid. */
  refreshToken: z.string().nullable(),
});
export type HeldTokens = z.infer<typeof heldTokens>;

/** Encrypts the tokens of providers for the database: they give access to what the provider has of a user. */
@Injectable()
export class TokenVault extends Seal {
  constructor(@Inject(CONFIG) config: Config) {
    super(deriveKeys(config, 'provider-tokens'));
  }

  /** @param sealed `HeldTokens` as JSON, encrypted. @returns `undefined` if that was done with another secret */
  async tokens(sealed: string): Promise<HeldTokens | undefined> {
    const text = await this.open(sealed);
    return text === undefined ? undefined : heldTokens.parse(JSON.parse(text));
  }
}
