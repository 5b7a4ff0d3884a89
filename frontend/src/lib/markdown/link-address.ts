import { decodeReferences } from './character-references.ts';

const ALLOWED: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:']);

/**
 * Where a link of a message may lead, or `undefined` if it may lead nowhere. The address that is returned is the one
 * that was checked, as the browser's own parser wrote it: control characters and character references hide no scheme.
 * @param isLiteral an address typed as such holds no character references.
 */
export function linkAddress(written: string, isLiteral = false): string | undefined {
  const url = URL.parse(isLiteral ? written : decodeReferences(written));
  return url && ALLOWED.has(url.protocol) ? url.href : undefined;
}
