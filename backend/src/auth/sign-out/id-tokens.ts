import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { deriveKey } from '../derived-key.js';
import { openText, sealText } from '../sealed-text.js';

/** Encrypts ID tokens for the database: they contain names and addresses. */
@Injectable()
export class IdTokens {
  private readonly key: Buffer;

  constructor(@Inject(CONFIG) config: Config) {
    this.key = deriveKey(config.appSecret, 'id-token');
  }

  seal(idToken: string): Promise<string> {
    return sealText(this.key, idToken);
  }

  /** `undefined` for a token that was encrypted with another secret. */
  open(sealed: string): Promise<string | undefined> {
    return openText(this.key, sealed);
  }
}
