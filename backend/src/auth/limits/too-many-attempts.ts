import type { Response } from 'express';
import type { LimitReached } from '../../limits/rate-limits.js';

/**
 * For routes that are opened by navigation: answers with status 429 and shows an error page in the browser. Browsers
 * ignore `Location` with status 429, but support `Refresh`.
 */
export function tooManyAttempts(response: Response, { message, retryAfterMs = 0 }: LimitReached): void {
  response
    .status(429)
    .set({
      'Retry-After': String(Math.ceil(retryAfterMs / 1_000)),
      Refresh: '0; url=/login-failed?error=too_many_attempts',
    })
    .type('text/plain')
    .send(message);
}
