import { describe, expect, it } from '@jest/globals';
import { readClaims } from './provider-claims.js';

const google = { issuer: 'https://accounts.google.com' };
const profile = { sub: '1', email: 'ann@example.com', email_verified: true };

describe('readClaims', () => {
  it.each([
    ['example.com', true],
    ['EXAMPLE.com', true],
    ['evil-example.com', false],
    ['example.com.evil.example', false],
  ])('lets in e-mail addresses of the allowed domains: %s', (domain, isAllowed) => {
    const read = () =>
      readClaims({ ...profile, email: `ann@${domain}` }, { ...google, allowedDomains: ['example.com'] }).email;
    if (isAllowed) expect(read()).toBe(`ann@${domain}`);
    else expect(read).toThrow(expect.objectContaining({ code: 'wrong_domain' }));
  });

  it.each([
    [true, undefined, undefined],
    ['true', undefined, undefined],
    [undefined, true, undefined],
    [undefined, false, 'email_verification_missing'],
    [null, false, 'email_verification_missing'],
    [undefined, undefined, 'email_unverified'],
    [false, true, 'email_unverified'],
    [false, false, 'email_unverified'],
    ['yes', true, 'email_unverified'],
  ])('an e-mail with email_verified %p and trustEmail %p is refused with %p', (verified, trustEmail, code) => {
    const config = { ...google, ...(trustEmail !== undefined && { trustEmail }) };
    const read = () => readClaims({ ...profile, email_verified: verified }, config).email;
    if (code === undefined) expect(read()).toBe(profile.email);
    else expect(read).toThrow(expect.objectContaining({ code }));
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
