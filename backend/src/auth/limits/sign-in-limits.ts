import type { ExecutionContext } from '@nestjs/common';
import type { ThrottlerModuleOptions } from '@nestjs/throttler';
import type { Request } from 'express';
import { AttemptCounts } from './attempt-counts.js';

const MINUTE_MS = 60_000;
const LOOPBACK = /^(::1|(::ffff:)?127\.)/;

/**
 * How often one address may take one step of the sign-in. An office of hundreds behind one address stays below it.
 * Nobody is counted behind a proxy on this machine that does not say for whom it asks: all would be one.
 */
export const signInLimits = (): ThrottlerModuleOptions => ({
  throttlers: [{ ttl: MINUTE_MS, limit: 600 }],
  errorMessage: 'Too many attempts from this address. Please wait a minute.',
  skipIf: (context: ExecutionContext) => LOOPBACK.test(context.switchToHttp().getRequest<Request>().ip ?? ''),
  storage: new AttemptCounts(),
});

/** Every open page refreshes, all of them at once after a restart; there is nothing to guess either. */
export const refreshLimit = { default: { ttl: MINUTE_MS, limit: 6_000 } };
