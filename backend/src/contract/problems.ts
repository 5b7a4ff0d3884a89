import { STATUS_CODES } from 'node:http';
import { type Problem, STATUS_OF } from '../protocol/http/index.js';
import type { ErrorCode } from '../protocol/index.js';
import { IDS } from './examples.js';

/** The meaning of each code; `docs/protocol.md` has the same list. */
export const MEANINGS: Readonly<Record<ErrorCode, string>> = {
  bad_request: 'the payload is wrong; the message names the keys',
  unauthenticated: 'no token, a bad one, or the session has ended',
  session_ended: 'the session was ended early; by a refresh',
  forbidden: 'the role or the choice of models does not allow it, or another site asks',
  not_found: 'it does not exist, or belongs to another user',
  run_active: 'this conversation is being answered',
  idempotency_mismatch: 'the `clientMessageId` was used for something else',
  last_admin: 'no admin would be left',
  last_identity: 'no way to sign in would be left',
  identity_taken: 'the identity belongs to another account',
  account_exists: 'the e-mail address has an account already',
  role_by_provider: 'the sign-in provider sets the role of this user',
  too_large: 'the text or the body is too long',
  rate_limited: 'too much at once; `retryAfterMs` says when',
  budget_exceeded: 'a budget is used up; `resetsAt` says when it begins anew',
  storage: 'the database cannot be written',
  draining: 'the server is about to stop',
  overloaded: 'the server cannot take more; `retryAfterMs` where it is known',
  internal: 'a mistake in the server; the request id leads to its log',
};

/** An example of the problem documents that `common/problem.ts` makes. */
export function exampleProblem(code: ErrorCode, status = STATUS_OF[code]): Problem {
  const isOfHttp = status !== STATUS_OF[code];
  return {
    type: 'about:blank',
    title: isOfHttp ? (STATUS_CODES[status] ?? '').toLowerCase() : code.replaceAll('_', ' '),
    status,
    detail: isOfHttp ? 'The body must be JSON, with the content type application/json.' : MEANINGS[code],
    code,
    requestId: IDS.request,
  };
}
