import { describe, expect, it } from '@jest/globals';
import { createToken, isPersonal, isWellFormed } from './token-format.js';

/** The beginning of a token with a secret of 43 zeros. */
const ZEROS = `lsk_${'0'.repeat(43)}`;

describe('the format of personal access tokens', () => {
  it('has a prefix, 256 random bits and a checksum', () => {
    const tokens = new Set(Array.from({ length: 1_000 }, createToken));
    expect(tokens.size).toBe(1_000);
    for (const token of tokens) {
      expect(token).toMatch(/^lsk_[0-9A-Za-z]{49}$/);
      expect([isPersonal(token), isWellFormed(token)]).toEqual([true, true]);
    }
    // Every position of the secret varies; the first digit cannot be above 61 * 62^42 < 2^256.
    for (let at = 5; at < 47; at += 1) expect(new Set([...tokens].map((token) => token[at])).size).toBeGreaterThan(50);
  });

  it('uses the CRC-32 of ISO 3309, as scanners do', () => {
    expect(isWellFormed(`${ZEROS}${base62(crcOfZeros())}`)).toBe(true);
  });

  it.each([
    ['a changed secret', (token: string) => swapped(token, 10)],
    ['a changed checksum', (token: string) => swapped(token, token.length - 1)],
    ['a missing character', (token: string) => token.slice(0, -1)],
    ['another character', (token: string) => `${token}0`],
    ['a line break', (token: string) => `${token}\n`],
    ['another prefix', (token: string) => token.replace('lsk_', 'ghp_')],
  ])('does not accept %s', (_what, change) => {
    expect(isWellFormed(change(createToken()))).toBe(false);
  });

  it('tells access tokens of sessions apart', () => {
    expect(isPersonal('eyJhbGciOiJIUzI1NiJ9.e30.x')).toBe(false);
  });
});

const swapped = (token: string, at: number): string =>
  `${token.slice(0, at)}${token[at] === 'a' ? 'b' : 'a'}${token.slice(at + 1)}`;

/** Bit by bit, as the standard defines it, and not with Node's function. */
function crcOfZeros(): number {
  let crc = 0xffffffff;
  for (const byte of Buffer.from('0'.repeat(43))) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function base62(value: number): string {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  return Array.from({ length: 6 }, (_, index) => digits[Math.floor(value / 62 ** (5 - index)) % 62]).join('');
}
