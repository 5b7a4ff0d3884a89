import { sha256 } from '@noble/hashes/sha2.js';

/** Proof key for code exchange, RFC 7636, between this page and its own server. */

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');

/** 43 characters out of 256 random bits. */
export const createVerifier = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)));

/**
 * base64url(SHA-256(verifier)): what the server may see before the code comes back. Not by the browser's own
 * cryptography, which pages of an address without encryption do not get.
 */
export const challengeOf = (verifier: string): string => base64url(sha256(new TextEncoder().encode(verifier)));
