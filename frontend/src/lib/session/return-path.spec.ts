import { describe, expect, it } from 'vitest';
import { safeReturnPath } from './return-path.ts';

describe('the return path after signing in', () => {
  it.each([
    ['/chat/1', '/chat/1'],
    ['/admin/users?q=a', '/admin/users?q=a'],
    ['/', '/chat'],
    [null, '/chat'],
    ['https://evil.example', '/chat'],
    ['//evil.example', '/chat'],
    ['/\\evil.example', '/chat'],
    ['/\t/evil.example', '/chat'],
    ['javascript:alert(1)', '/chat'],
    ['/login?return=/chat', '/chat'],
    ['/auth/callback', '/chat'],
  ])('%j leads to %s', (path, expected) => {
    expect(safeReturnPath(path)).toBe(expected);
  });
});
