import { hkdfSync } from 'node:crypto';

/**
 * A key of 32 bytes for one purpose (HKDF, RFC 5869): what leaks or is misused for one says nothing about another,
 * and a token made for one is worth nothing for another.
 */
export const deriveKey = (appSecret: string, purpose: 'access-token' | 'refresh-token' | 'login-cookie'): Buffer =>
  Buffer.from(hkdfSync('sha256', appSecret, '', `lockstep ${purpose}`, 32));
