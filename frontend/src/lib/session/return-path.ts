const HOME = '/chat';

/** The path to open after signing in; anything other than a path of this page becomes the start page. */
export function safeReturnPath(path: string | null | undefined): string {
  if (!path?.startsWith('/') || /^\/[/\\]/.test(path)) return HOME;
  const here = 'http://page.invalid';
  const url = URL.parse(path, here);
  if (url?.origin !== here || /^\/(login|login-failed|auth)(\/|$)/.test(url.pathname)) return HOME;
  return url.pathname === '/' ? HOME : url.pathname + url.search;
}
