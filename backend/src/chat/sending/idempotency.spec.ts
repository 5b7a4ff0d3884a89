import { describe, expect, it } from '@jest/globals';
import { payloadHash } from './idempotency.js';

describe('payloadHash', () => {
  it('does not depend on the order of the keys', () => {
    expect(payloadHash('message:send', { a: 1, b: 2, c: undefined })).toBe(payloadHash('message:send', { b: 2, a: 1 }));
  });

  it('differs with the command and with any value', () => {
    const hashes = [
      payloadHash('message:send', { text: 'a' }),
      payloadHash('message:edit', { text: 'a' }),
      payloadHash('message:send', { text: 'b' }),
    ];
    expect(new Set(hashes).size).toBe(3);
  });
});
