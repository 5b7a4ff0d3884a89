import type { ExecutionContext } from '@nestjs/common';
import type { ThrottlerModuleOptions } from '@nestjs/throttler';
import type { Request } from 'express';
import { AttemptCounts } from './attempt-counts.js';

const MINUTE_MS = 60_000;
const LOOPBACK = /^(::1|(::ffff:)?127\.)/;

/**
 * Limits how often an address may call each step of the sign-in. An office of hundreds behind one address stays below
 * the limit. Loopback is not counted: behind a local proxy without `X-Forwarded-For` all clients have this address.
 */
export const signInLimits = (): ThrottlerModuleOptions => ({
  throttlers: [{ ttl: MINUTE_MS, limit: 600 }],
  errorMessage: 'Too many attempts from this address. Please wait a minute.',
  skipIf: (context: ExecutionContext) => LOOPBACK.test(context.switchToHttp().getRequest<Request>().ip ?? ''),
  storage: new AttemptCounts(),
});

/** A higher limit: every open page refreshes, all at once after a restart, and refresh tokens cannot be guessed. */
export const refreshLimit = { default: { ttl: MINUTE_MS, limit: 6_000 } };
