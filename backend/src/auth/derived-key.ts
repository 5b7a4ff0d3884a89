import { hkdfSync } from 'node:crypto';
import type { Config } from '../config/config.js';

export type KeyPurpose =
  | 'access-token'
  | 'refresh-token'
  | 'login-cookie'
  | 'link-code'
  | 'id-token'
  | 'provider-tokens'
  | 'webhook-secret'
  | 'system-check';

/**
 * Derives a key of 32 bytes for one purpose (HKDF, RFC 5869), so that a leaked key does not affect other purposes, and
 * a token for one purpose is not valid for another.
 */
export const deriveKey = (appSecret: string, purpose: KeyPurpose): Buffer =>
  Buffer.from(hkdfSync('sha256', appSecret, '', `lockstep ${purpose}`, 32));

/** The keys of one purpose: everything new is made with `current`. */
export interface Keys {
  readonly current: Buffer;
  /** The keys that are accepted, the current one first; more than one while `APP_SECRET_PREVIOUS` is set. */
  readonly accepted: readonly Buffer[];
}

export function deriveKeys(config: Pick<Config, 'appSecret' | 'previousSecret'>, purpose: KeyPurpose): Keys {
  const current = deriveKey(config.appSecret, purpose);
  const previous = config.previousSecret === undefined ? [] : [deriveKey(config.previousSecret, purpose)];
  return { current, accepted: [current, ...previous] };
}
