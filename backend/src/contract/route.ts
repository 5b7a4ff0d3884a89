import type { z } from 'zod';
import type { Answers } from '../common/handlers/answers.decorator.js';
import type { ErrorCode, Role, TokenScope } from '../protocol/index.js';

/** How requests are authenticated. */
export type Security = 'anyone' | 'accessToken' | 'refreshCookie' | 'metricsToken';

/** A parameter in the path or the query of a route. */
export interface Parameter {
  readonly in: 'path' | 'query';
  readonly name: string;
  readonly schema: z.ZodType;
}

/** The contract of one HTTP route. */
export interface Route {
  readonly method: string;
  /** In Express's notation: `/api/conversations/:id`. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly security: Security;
  /** Empty for routes without an access token. */
  readonly roles: readonly Role[];
  /** The scopes of personal access tokens that it accepts; empty if it accepts none. */
  readonly scopes: readonly TokenScope[];
  readonly parameters: readonly Parameter[];
  readonly body: z.ZodType | undefined;
  /** The answers of its handler, by status. */
  readonly answers: Answers;
  /** The possible codes of problem documents, by status. */
  readonly refusals: ReadonlyMap<number, readonly ErrorCode[]>;
}
