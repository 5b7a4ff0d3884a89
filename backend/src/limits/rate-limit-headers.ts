import type { Response } from 'express';
import type { Quota } from './rate-limits.js';

/**
 * The headers of every answer to a limited request, as lists of structured fields (RFC 9651), by
 * draft-ietf-httpapi-ratelimit-headers (from version 08 on): `q` acts in `w` seconds; `r` of them are left for the next
 * `t` seconds.
 */
export const LIMIT_HEADERS = {
  'RateLimit-Policy': 'The limit of this route: `"user";q=3000;w=60` is 3,000 requests in 60 seconds.',
  RateLimit: 'What is left of it: `"user";r=2990;t=42` is 2,990 requests for the next 42 seconds.',
} as const;

/** Also set on refusals; `Retry-After` is set from the error. */
export function setLimitHeaders(response: Pick<Response, 'setHeader'>, { policy, remaining, msLeft }: Quota): void {
  const { name, quota, seconds } = policy;
  response.setHeader('RateLimit-Policy', `"${name}";q=${quota};w=${seconds}`);
  response.setHeader('RateLimit', `"${name}";r=${remaining};t=${Math.ceil(msLeft / 1_000)}`);
}
