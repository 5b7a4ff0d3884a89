const MAX_LENGTH = 1000;
/** Any address of ours will do: it only shows whether a path stays where it is. */
const HERE = 'https://here.invalid';

/**
 * Where to go after the sign-in: a path of this site, anything else becomes `/`. Browsers read backslashes as slashes
 * and drop control characters, so that `/\evil.example` would leave the site.
 */
export function safeReturnPath(path: unknown): string {
  if (typeof path !== 'string' || path.length > MAX_LENGTH) return '/';
  if (!/^\/(?!\/)[^\\\p{Cc}\p{Cs}]*$/u.test(path)) return '/';
  const url = URL.parse(path, HERE);
  return url?.origin === HERE && !url.pathname.startsWith('//') ? path : '/';
}
