const MAX_LENGTH = 1000;
/** A placeholder origin, to see whether a path stays within it. */
const HERE = 'https://here.invalid';

/**
 * Validates the path to open after the sign-in: anything but a path of this site becomes `/`. Browsers read backslashes
 * as slashes and drop control characters, so that for example `/\evil.example` would leave the site.
 */
export function safeReturnPath(path: unknown): string {
  if (typeof path !== 'string' || path.length > MAX_LENGTH) return '/';
  if (!/^\/(?!\/)[^\\\p{Cc}\p{Cs}]*$/u.test(path)) return '/';
  const url = URL.parse(path, HERE);
  return url?.origin === HERE && !url.pathname.startsWith('//') ? path : '/';
}
