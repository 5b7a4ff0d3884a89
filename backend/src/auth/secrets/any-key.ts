import { errors } from 'jose';
import type { Keys } from '../derived-key.js';

/**
 * Decrypts with the first key that fits.
 * @throws JWEDecryptionFailed when none does; other errors of `decrypt` at once
 */
export async function withAnyKey<T>({ accepted }: Keys, decrypt: (key: Buffer) => Promise<T>): Promise<T> {
  let failure: unknown;
  for (const key of accepted) {
    try {
      return await decrypt(key);
    } catch (error) {
      if (!(error instanceof errors.JWEDecryptionFailed)) throw error;
      failure = error;
    }
  }
  throw failure;
}
