import { createHash, timingSafeEqual } from 'node:crypto';

/** SHA-256 in base64url: 43 characters. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** Compares secrets in constant time. */
export const isSameSecret = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
