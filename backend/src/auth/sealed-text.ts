import { CompactEncrypt, compactDecrypt, errors } from 'jose';

/** Encrypts a text for the database (JWE, AES-256-GCM) with a key of 32 bytes. */
export function sealText(key: Uint8Array, text: string): Promise<string> {
  const header = { alg: 'dir', enc: 'A256GCM' };
  return new CompactEncrypt(new TextEncoder().encode(text)).setProtectedHeader(header).encrypt(key);
}

/** @returns the text; `undefined` if it was encrypted with another key */
export async function openText(key: Uint8Array, sealed: string): Promise<string | undefined> {
  try {
    const { plaintext } = await compactDecrypt(sealed, key);
    return new TextDecoder().decode(plaintext);
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}
