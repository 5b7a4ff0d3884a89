import { expect, it } from 'vitest';
import { challengeOf, createVerifier } from './pkce.ts';

it('makes the challenge of RFC 7636, appendix B', () => {
  expect(challengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe(
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  );
});

it('makes verifiers that the RFC allows, each different', () => {
  const verifiers = Array.from({ length: 20 }, createVerifier);
  for (const verifier of verifiers) expect(verifier).toMatch(/^[\w-]{43}$/);
  expect(new Set(verifiers).size).toBe(verifiers.length);
});
