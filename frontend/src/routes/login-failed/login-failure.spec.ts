import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loginFailure } from './login-failure.ts';

const CODES = [
  'access_denied',
  'state_mismatch',
  'email_missing',
  'email_unverified',
  'email_verification_missing',
  'wrong_domain',
  'account_disabled',
  'provider_error',
  'provider_unavailable',
  'provider_misconfigured',
  'too_many_attempts',
  'expired',
];
/** Phrases that promise that the problem is temporary, in each language. */
const PROMISES = /\b(a minute|einer Minute|eine Minute|un minuto|une minute)\b/;

const catalogue = (language: string): Record<string, unknown> =>
  JSON.parse(readFileSync(`messages/sign-in/${language}.json`, 'utf8')) as Record<string, unknown>;

it('has a sentence for each code, and one for all others', () => {
  const sentences = new Set(CODES.map((code) => loginFailure(code).sentence));
  expect(sentences.size).toBe(CODES.length);
  expect(sentences).not.toContain(loginFailure('never_heard_of').sentence);
  expect(loginFailure('toString').sentence).toBe(loginFailure('never_heard_of').sentence);
});

it('knows every code that the server may send', () => {
  const source = readFileSync('../backend/src/auth/sign-in/login-failure.ts', 'utf8');
  const codes = [...source.matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code]) => code ?? '');
  expect(codes.length).toBeGreaterThan(8);
  expect(CODES).toEqual(expect.arrayContaining(codes));
});

it.each(['en', 'de', 'es', 'fr'])(
  'names no provider, and calls only temporary problems temporary, in %s',
  (language) => {
    const words = Object.entries(catalogue(language)).filter(([key]) => key.startsWith('login_failed_'));
    expect(words.length).toBeGreaterThan(20);
    for (const [key, text] of words) {
      expect(`${key}: ${String(text)}`).not.toMatch(/Google/i);
      const passes = /_(provider_unavailable|too_many_attempts)_text$/.test(key);
      expect({ key, promises: PROMISES.test(String(text)) }).toEqual({ key, promises: passes });
    }
  },
);
