export type KeyValues = Readonly<Record<string, string>>;

/** A name of a header or an attribute: no separators, no spaces. */
const KEY = /^[!#$%&'*+\-.^_`|~\w/:@]+$/;

/**
 * Reads `key=value,key2=value2`, where values are percent-encoded as in W3C Baggage. The message about an invalid value
 * does not quote it, because it may be a key of the collector.
 */
export function readKeyValues(name: string, text: string | undefined, problems: string[]): KeyValues {
  const read: Record<string, string> = {};
  for (const pair of (text ?? '').split(',')) {
    if (pair.trim() === '') continue;
    const at = pair.indexOf('=');
    const key = pair.slice(0, at).trim();
    const value = decoded(pair.slice(at + 1).trim());
    if (at <= 0 || !KEY.test(key) || value === undefined) {
      problems.push(`${name}: takes key=value,key2=value2; in values a comma is written %2C, a percent sign %25`);
      return {};
    }
    read[key] = value;
  }
  return read;
}

function decoded(text: string): string | undefined {
  try {
    const value = decodeURIComponent(text);
    // A line break in a header would end it.
    return /[\r\n\0]/.test(value) ? undefined : value;
  } catch {
    return undefined;
  }
}
