import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { safeReturnPath } from './return-path.js';

const SITE = 'https://chat.example';

describe('safeReturnPath', () => {
  it.each(['/', '/chat', '/chat/1?a=b&c=d#e', '/%2F%2Fevil.example', '/a//b', '/ü', '/?next=https://evil.example'])(
    'keeps a path of this site: %p',
    (path) => {
      expect(safeReturnPath(path)).toBe(path);
    },
  );

  it.each([
    '',
    'chat',
    'https://evil.example',
    'https:evil.example',
    '//evil.example',
    '///evil.example',
    String.raw`/\evil.example`,
    String.raw`\/evil.example`,
    String.raw`/chat\..\evil`,
    '/\t/evil.example',
    '/\n/evil.example',
    '\n//evil.example',
    '/.//evil.example',
    '/..//evil.example',
    '/a/..//evil.example',
    '/\u0000',
    '/\ud800',
    'javascript:alert(1)',
    `/${'a'.repeat(1000)}`,
    undefined,
    null,
    ['/chat'],
    { path: '/chat' },
  ])('turns everything else into the start page: %p', (path) => {
    expect(safeReturnPath(path)).toBe('/');
  });

  it('never leaves the site, for any input', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '@',
      ':',
      '//',
      'evil.example',
      '\t',
      '\r\n',
      '%2f',
      '?',
      '#',
      'a',
    );
    const path = fc.array(piece, { maxLength: 8 }).map((pieces) => `/${pieces.join('')}`);
    fc.assert(
      fc.property(fc.oneof(path, fc.string({ unit: 'binary' })), (text) => {
        const url = new URL(safeReturnPath(text), SITE);
        expect(url.origin).toBe(SITE);
        expect(new URL(url.pathname, SITE).origin).toBe(SITE);
      }),
      { numRuns: 500 },
    );
  });
});
