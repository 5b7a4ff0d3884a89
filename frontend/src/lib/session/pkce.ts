import { sha256 } from '@noble/hashes/sha2.js';

/** Proof Key for Code Exchange (RFC 7636), between this page and its own server. */

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');

/** 43 characters for 256 random bits. */
export const createVerifier = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)));

/**
 * base64url(SHA-256(verifier)): all that the server may see before it gets the code. Does not use `crypto.subtle`,
 * which exists in secure contexts only.
 */
export const challengeOf = (verifier: string): string => base64url(sha256(new TextEncoder().encode(verifier)));
