const HOME = '/chat';

/** Where to go after signing in: a path of this page, or the start. Anything that could lead elsewhere is refused. */
export function safeReturnPath(path: string | null | undefined): string {
  if (!path?.startsWith('/') || /^\/[/\\]/.test(path)) return HOME;
  const here = 'http://page.invalid';
  const url = URL.parse(path, here);
  if (url?.origin !== here || /^\/(login|login-failed|auth)(\/|$)/.test(url.pathname)) return HOME;
  return url.pathname === '/' ? HOME : url.pathname + url.search;
}
