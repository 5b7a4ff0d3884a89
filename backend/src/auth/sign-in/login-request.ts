import { z } from 'zod';
import { ChatError, plainText } from '../../protocol/index.js';
import { safeReturnPath } from '../return-path.js';

/** The parameters with which a page starts a sign-in. */
export interface LoginRequest {
  /** base64url(SHA-256(verifier)) of a verifier that stays in the page. */
  readonly challenge: string;
  readonly returnPath: string;
  /** The id of the provider; `undefined`: the first one. */
  readonly provider: string | undefined;
  /** Whether to link another identity to the account that is signed in, instead of signing in. */
  readonly isLink: boolean;
}

export const loginQuery = z.object({
  challenge: z.string().regex(/^[\w-]{43}$/),
  return: z.unknown().optional(),
  /** The id of the provider; by default the first one. */
  provider: plainText.max(40).optional(),
  link: z.literal('1').optional(),
});

/** What a provider sends its people back with. */
export const callbackQuery = z.object({
  code: z.string().optional(),
  state: z.string().optional(),
  error: z.string().optional(),
  iss: z.string().optional(),
});

/** @throws ChatError `bad_request`, naming the parameter; a `return` that leaves the site becomes `/` */
export function readLoginRequest(query: unknown): LoginRequest {
  const parsed = loginQuery.safeParse(query);
  if (!parsed.success) {
    const key = String(parsed.error.issues[0]?.path[0]);
    const problem = key === 'challenge' ? 'must be a SHA-256 in base64url, 43 characters' : 'is not valid';
    throw new ChatError('bad_request', `${key}: ${problem}`);
  }
  const { challenge, provider, link } = parsed.data;
  return { challenge, returnPath: safeReturnPath(parsed.data.return), provider, isLink: link !== undefined };
}
