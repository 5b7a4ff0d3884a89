import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/*
 * `lsk_`, 256 random bits as 43 digits of base 62, and the CRC-32 of these digits as six more. Scanners find leaked
 * tokens by the prefix, and the checksum tells them from other texts, as in GitHub's tokens:
 * https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
 */
const PREFIX = 'lsk_';
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SECRET_BYTES = 32;
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const FORMAT = new RegExp(`^${PREFIX}([0-9A-Za-z]{${SECRET_LENGTH}})([0-9A-Za-z]{${CHECKSUM_LENGTH}})$`);

/** A new personal access token. */
export function createToken(): string {
  const secret = base62(BigInt(`0x${randomBytes(SECRET_BYTES).toString('hex')}`), SECRET_LENGTH);
  return `${PREFIX}${secret}${checksumOf(secret)}`;
}

/** Whether a bearer token claims to be a personal access token; others are access tokens of sessions. */
export const isPersonal = (token: string): boolean => token.startsWith(PREFIX);

/** Whether a token has the right form and checksum: otherwise it is mistyped or made up, and need not be looked up. */
export function isWellFormed(token: string): boolean {
  const [, secret, checksum] = FORMAT.exec(token) ?? [];
  return secret !== undefined && checksum === checksumOf(secret);
}

const checksumOf = (secret: string): string => base62(BigInt(crc32(secret)), CHECKSUM_LENGTH);

function base62(value: bigint, length: number): string {
  const base = BigInt(DIGITS.length);
  let digits = '';
  for (let rest = value; rest > 0n; rest /= base) digits = `${DIGITS[Number(rest % base)]}${digits}`;
  return digits.padStart(length, '0');
}
