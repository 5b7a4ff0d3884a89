import type { Response } from 'express';

/**
 * For routes that are opened by navigation: answers with status 429 and shows an error page in the browser. Browsers
 * ignore `Location` with status 429, but support `Refresh`. The guard has set `Retry-After`.
 */
export function tooManyAttempts(response: Response, message: string): void {
  response.status(429).set('Refresh', '0; url=/login-failed?error=too_many_attempts').type('text/plain').send(message);
}
