import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { deriveKey } from '../derived-key.js';
import { openText, sealText } from '../sealed-text.js';

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
export class TokenVault {
  private readonly key: Buffer;

  constructor(@Inject(CONFIG) config: Config) {
    this.key = deriveKey(config.appSecret, 'provider-tokens');
  }

  /** @param tokens `HeldTokens` as JSON */
  seal(tokens: string): Promise<string> {
    return sealText(this.key, tokens);
  }

  /** `undefined` for tokens that were encrypted with another secret. */
  async open(sealed: string): Promise<HeldTokens | undefined> {
    const text = await openText(this.key, sealed);
    return text === undefined ? undefined : heldTokens.parse(JSON.parse(text));
  }
}
