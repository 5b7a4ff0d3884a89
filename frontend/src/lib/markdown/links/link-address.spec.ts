import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { linkAddress } from './link-address.ts';

// Many URLs are slow on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** Any case, tabs and line breaks between the letters, and control characters before them: browsers ignore those. */
const disguised = (scheme: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.array(fc.constantFrom('', '\t', '\n', '\r'), { minLength: scheme.length, maxLength: scheme.length }),
      fc.array(fc.boolean(), { minLength: scheme.length, maxLength: scheme.length }),
      fc.constantFrom('', ' ', '\u0000', '\u0001', '\u001f', '\t \n'),
    )
    .map(([gaps, isUpper, before]) => {
      const letters = [...scheme].map((letter, at) => (isUpper[at] ? letter.toUpperCase() : letter) + (gaps[at] ?? ''));
      return before + letters.join('');
    });

describe('the address of a link', () => {
  it.each([
    ['https://example.com/a?b=1&c=2', 'https://example.com/a?b=1&c=2'],
    ['HTTP://Example.com', 'http://example.com/'],
    ['mailto:ada@example.com', 'mailto:ada@example.com'],
    ['tel:+49-30-1234', 'tel:+49-30-1234'],
  ])('%s leads to %s', (written, address) => expect(linkAddress(written)).toBe(address));

  it.each([
    'javascript:alert(1)',
    'java\nscript:alert(1)',
    ' \u0001javascript:alert(1)',
    'javascript&colon;alert(1)',
    '&#106;avascript:alert(1)',
    '&#x6A;&#x61;vascript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:msgbox',
    'file:///etc/passwd',
    'blob:https://example.com/1',
    'intent://a#Intent;end',
    '//example.com',
    '/admin/users',
    '#top',
    '',
    'https://',
  ])('%j is refused', (written) => expect(linkAddress(written)).toBeUndefined());

  it('never runs a script, however the scheme is disguised', () => {
    const scheme = fc.constantFrom('javascript:', 'data:', 'vbscript:').chain(disguised);
    fc.assert(
      fc.property(scheme, fc.string(), (start, rest) => {
        expect(linkAddress(start + rest)).toBeUndefined();
      }),
    );
  });

  it('has an allowed scheme for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.string({ unit: 'binary' })), (written) => {
        const address = linkAddress(written);
        if (address !== undefined) expect(['http:', 'https:', 'mailto:', 'tel:']).toContain(new URL(address).protocol);
      }),
    );
  });
});
