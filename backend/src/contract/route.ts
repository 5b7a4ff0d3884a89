import type { z } from 'zod';
import type { Answers } from '../common/handlers/answers.decorator.js';
import type { ErrorCode, Role } from '../protocol/index.js';

/** How it is known who asks. */
export type Security = 'anyone' | 'accessToken' | 'refreshCookie' | 'metricsToken';

/** What a route takes in its address. */
export interface Parameter {
  readonly in: 'path' | 'query';
  readonly name: string;
  readonly schema: z.ZodType;
}

/** All that a client can know of one HTTP route. */
export interface Route {
  readonly method: string;
  /** As Express has it: `/api/conversations/:id`. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly security: Security;
  /** Empty where the security is no access token. */
  readonly roles: readonly Role[];
  readonly parameters: readonly Parameter[];
  readonly body: z.ZodType | undefined;
  /** What it answers with by itself. */
  readonly answers: Answers;
  /** The codes of the problem documents that it may answer with, by status. */
  readonly refusals: ReadonlyMap<number, readonly ErrorCode[]>;
}
