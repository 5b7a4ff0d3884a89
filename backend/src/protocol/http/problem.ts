import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../errors.js';

/** The HTTP status of each code. */
export const STATUS_OF: Readonly<Record<ErrorCode, number>> = {
  bad_request: 400,
  unauthenticated: 401,
  session_ended: 401,
  forbidden: 403,
  not_found: 404,
  run_active: 409,
  idempotency_mismatch: 409,
  last_admin: 409,
  last_identity: 409,
  identity_taken: 409,
  account_exists: 409,
  role_by_provider: 409,
  too_large: 413,
  rate_limited: 429,
  budget_exceeded: 429,
  storage: 503,
  draining: 503,
  overloaded: 503,
  internal: 500,
};

/** Statuses that are more precise than the codes of the closed list. */
export const OF_HTTP_ITSELF: ReadonlySet<number> = new Set([405, 408, 415]);

/** A problem document (RFC 9457); `code` is one of the closed list. */
export const problem = z.object({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string(),
  code: z.enum(ERROR_CODES),
  requestId: z.string(),
  /** For `budget_exceeded`: when the budget begins anew, in milliseconds since 1970, UTC. */
  resetsAt: z.int().nonnegative().optional(),
});
export type Problem = Readonly<z.infer<typeof problem>>;
