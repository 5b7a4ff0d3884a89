import { createHmac } from 'node:crypto';
import { deriveKey } from '../../../src/auth/derived-key.js';
import type { Config } from '../../../src/config/config.js';

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** The header and the claims of a token, unverified. */
export function partsOf(token: string): { header: Record<string, unknown>; claims: Record<string, unknown> } {
  const [header = {}, claims = {}] = token
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>);
  return { header, claims };
}

/** The key of the server, which no attacker has: for tokens that are wrong in one point only. */
export const ownKey = ({ appSecret }: Config): Buffer => deriveKey(appSecret, 'access-token');

/** A token signed by HMAC; `undefined` removes a header or claim. */
export function forge(header: object, claims: object, key: Buffer | string, hash = 'sha256'): string {
  const content = `${encode(header)}.${encode(claims)}`;
  return `${content}.${createHmac(hash, key).update(content).digest('base64url')}`;
}
