const ALLOWED: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:', 'tel:']);

/**
 * Where a link of a message may lead, or `undefined` if it may lead nowhere. The address that is returned is the one
 * that was checked, as the browser's own parser wrote it: control characters hide no scheme.
 */
export function linkAddress(written: string): string | undefined {
  const url = URL.parse(written);
  return url && ALLOWED.has(url.protocol) ? url.href : undefined;
}
