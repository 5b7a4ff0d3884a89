import { describe, expect, it } from '@jest/globals';
import { readClaims } from './provider-claims.js';

const google = {
  authorizationUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
  hostedDomain: undefined,
  isLocal: false,
};
const profile = { sub: '1', email: 'ann@example.com', email_verified: true };

describe('readClaims', () => {
  it.each([
    ['google', google],
    ['login.example:8443', { ...google, authorizationUrl: 'https://login.example:8443/authorize' }],
    ['local', { ...google, isLocal: true }],
    ['accounts.google.com.evil.example', { ...google, authorizationUrl: 'https://accounts.google.com.evil.example/' }],
  ])('keeps the accounts of each provider apart: %s', (provider, config) => {
    expect(readClaims(profile, config).provider).toBe(provider);
  });

  it.each([
    [undefined, 'ann'],
    ['', 'ann'],
    [' \n ', 'ann'],
    [42, 'ann'],
    ['  Ann  ', 'Ann'],
    ['A\u0000n\u001bn', 'A n n'],
    ['A\u202en\u2066n', 'Ann'],
    ['\u200b\u3164', 'ann'],
    ['A\ud800', 'A\ufffd'],
    ['👩'.repeat(300), '👩'.repeat(200)],
  ])('takes the name %p as %p', (name, expected) => {
    expect(readClaims({ ...profile, name }, google).name).toBe(expected);
  });

  it.each([
    ['https://example.com/a.png', 'https://example.com/a.png'],
    ['http://example.com/a.png', null],
    ['javascript:alert(1)', null],
    ['data:image/png;base64,AAAA', null],
    ['//example.com/a.png', null],
    [`https://example.com/${'a'.repeat(2000)}`, null],
    [undefined, null],
    [{ url: 'https://example.com/a.png' }, null],
  ])('takes the picture %p as %p', (picture, expected) => {
    expect(readClaims({ ...profile, picture }, google).picture).toBe(expected);
  });

  it.each([
    [{ sub: 'a\u0000b' }, 'provider_misconfigured'],
    [{ sub: '\ud800' }, 'provider_misconfigured'],
    [{ sub: undefined, email: undefined }, 'provider_misconfigured'],
    [{ email: 'a\ud800@example.com' }, 'email_missing'],
    [{ email: 'a\u202e@example.com' }, 'email_missing'],
    [{ email: undefined }, 'email_missing'],
    [{ email: null }, 'email_missing'],
  ])('refuses what cannot be stored or is no address: %j is %s', (claims, code) => {
    expect(() => readClaims({ ...profile, ...claims }, google)).toThrow(expect.objectContaining({ code }));
  });

  it.each([undefined, null, 'text', [], {}])('refuses a profile that is %p', (odd) => {
    expect(() => readClaims(odd, google)).toThrow(expect.objectContaining({ code: 'provider_misconfigured' }));
  });
});
