const ALLOWED: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:', 'tel:']);

/**
 * The URL of a link in a message, or `undefined` if it is not allowed. Returns the checked URL as serialised by the
 * browser's own parser, so control characters cannot hide a scheme.
 */
export function linkAddress(written: string): string | undefined {
  const url = URL.parse(written);
  return url && ALLOWED.has(url.protocol) ? url.href : undefined;
}
