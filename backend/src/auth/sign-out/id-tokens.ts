import { Inject, Injectable } from '@nestjs/common';
import { CompactEncrypt, compactDecrypt, errors } from 'jose';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { deriveKey } from '../derived-key.js';

/** Encrypts ID tokens for the database (JWE, AES-256-GCM): they contain names and addresses. */
@Injectable()
export class IdTokens {
  private readonly key: Buffer;

  constructor(@Inject(CONFIG) config: Config) {
    this.key = deriveKey(config.appSecret, 'id-token');
  }

  seal(idToken: string): Promise<string> {
    const header = { alg: 'dir', enc: 'A256GCM' };
    return new CompactEncrypt(new TextEncoder().encode(idToken)).setProtectedHeader(header).encrypt(this.key);
  }

  /** `undefined` for a token that was encrypted with another secret. */
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
