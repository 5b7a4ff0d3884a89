import { CompactEncrypt, compactDecrypt, errors } from 'jose';
import type { Keys } from '../derived-key.js';
import { withAnyKey } from './any-key.js';

/** Encrypts texts for the database (JWE, AES-256-GCM). */
export class Seal {
  constructor(private readonly keys: Keys) {}

  /** Encrypts a text with the current key. */
  seal(text: string): Promise<string> {
    const header = { alg: 'dir', enc: 'A256GCM' };
    return new CompactEncrypt(new TextEncoder().encode(text)).setProtectedHeader(header).encrypt(this.keys.current);
  }

  /** @returns the text; `undefined` if it was encrypted with a key that is not accepted */
  open(sealed: string): Promise<string | undefined> {
    return decrypt(sealed, this.keys);
  }

  /** @returns the same text, encrypted with the current key; `undefined` if it is already, or cannot be opened */
  async renew(sealed: string): Promise<string | undefined> {
    const { current } = this.keys;
    if ((await decrypt(sealed, { current, accepted: [current] })) !== undefined) return undefined;
    const text = await this.open(sealed);
    return text === undefined ? undefined : this.seal(text);
  }
}

async function decrypt(sealed: string, keys: Keys): Promise<string | undefined> {
  try {
    const { plaintext } = await withAnyKey(keys, (key) => compactDecrypt(sealed, key));
    return new TextDecoder().decode(plaintext);
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}
