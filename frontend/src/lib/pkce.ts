/** Proof key for code exchange, RFC 7636, between this page and its own server. */

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');

/** 43 characters out of 256 random bits. */
export const createVerifier = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)));

/** base64url(SHA-256(verifier)): what the server may see before the code comes back. */
export async function challengeOf(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  return base64url(new Uint8Array(digest));
}
