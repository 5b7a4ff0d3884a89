import { hkdfSync } from 'node:crypto';

export type KeyPurpose =
  'access-token' | 'refresh-token' | 'login-cookie' | 'link-code' | 'id-token' | 'provider-tokens' | 'webhook-secret';

/**
 * Derives a key of 32 bytes for one purpose (HKDF, RFC 5869), so that a leaked key does not affect other purposes, and
 * a token for one purpose is not valid for another.
 */
export const deriveKey = (appSecret: string, purpose: KeyPurpose): Buffer =>
  Buffer.from(hkdfSync('sha256', appSecret, '', `lockstep ${purpose}`, 32));
