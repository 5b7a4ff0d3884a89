import { momentOf, timeOfDay } from '../../clock.js';

/**
 * How long a response asks to wait, in milliseconds: `retry-after-ms` if the provider sends it, else `Retry-After` in
 * seconds or as a date (RFC 9110, section 10.2.3). A date is compared with the `Date` of the response, which is from
 * the same clock. `undefined` without a valid header.
 */
export function retryAfterMs(headers: unknown, now = timeOfDay()): number | undefined {
  const exact = Number(header(headers, 'retry-after-ms') ?? Number.NaN);
  if (exact >= 0) return exact;
  const asked = header(headers, 'retry-after')?.trim();
  if (!asked) return undefined;
  const seconds = Number(asked);
  if (seconds >= 0) return seconds * 1000;
  const until = momentOf(asked);
  const from = momentOf(header(headers, 'date') ?? '');
  return Number.isNaN(until) ? undefined : Math.max(0, until - (Number.isNaN(from) ? now : from));
}

/** SDKs store headers as `Headers` or as a plain object. */
function header(headers: unknown, name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  if (typeof headers !== 'object' || headers === null) return undefined;
  const value: unknown = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof value === 'string' ? value : undefined;
}
