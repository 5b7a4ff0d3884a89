import { expect, it } from 'vitest';
import { loginFailure } from './login-failure.ts';

const CODES = [
  'access_denied',
  'state_mismatch',
  'email_unverified',
  'wrong_domain',
  'account_disabled',
  'provider_error',
  'expired',
];

it('has a sentence of its own for each code, and one for all others', () => {
  const sentences = new Set(CODES.map((code) => loginFailure(code).sentence));
  expect(sentences.size).toBe(CODES.length);
  expect(sentences).not.toContain(loginFailure('never_heard_of').sentence);
  expect(loginFailure('toString').sentence).toBe(loginFailure('never_heard_of').sentence);
});
