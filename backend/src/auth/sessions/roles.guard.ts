import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { ChatError, type Role, type TokenScope } from '../../protocol/index.js';
import { carrierOf, type Principal, setPrincipal, type TokenPrincipal } from '../../common/handlers/principal.js';
import { DEFAULT_ROLES, IS_PUBLIC, ROLES_ALLOWED, SCOPES_ALLOWED } from '../../common/handlers/roles.decorator.js';
import { RefusedAttempts } from '../../users/admin/refused-attempts.js';
import { isPersonal } from '../tokens/token-format.js';
import { TokenPrincipals } from '../tokens/token-principals.js';
import { AccessTokens, type TokenClaims } from './access-tokens.js';
import { Principals } from './principals.js';

/** The data that the handshake stores in `socket.data`; updated when the page sends a new token. */
export interface SocketData {
  readonly session?: TokenClaims;
}

/**
 * Authorises requests and socket events. The token only identifies the session or the personal access token; the role of
 * its user is read from the current rows every time (`A1`).
 *
 * @throws ChatError `unauthenticated` without a valid session or token; `forbidden` for the wrong role, and for a
 * personal access token where it is not good for
 */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: AccessTokens,
    private readonly principals: Principals,
    private readonly tokenPrincipals: TokenPrincipals,
    private readonly refused: RefusedAttempts,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(IS_PUBLIC, targets)) return true;
    const principal = await this.principalOf(context);
    // Also when it is refused: the request is counted for its user.
    setPrincipal(carrierOf(context), principal);
    const allowed = this.reflector.getAllAndOverride<readonly Role[] | undefined>(ROLES_ALLOWED, targets);
    const scopes = this.reflector.getAllAndOverride<readonly TokenScope[] | undefined>(SCOPES_ALLOWED, targets);
    const refusal = refusalOf(principal, allowed ?? DEFAULT_ROLES, scopes);
    if (refusal) {
      const { userId, role } = principal;
      if (allowed?.every((one) => one === 'admin')) {
        const detail = { reason: refusal.reason, role, act: nameOf(context) };
        await this.refused.record({ action: 'admin.refused', actorId: userId, detail });
      }
      throw new ChatError('forbidden', refusal.sentence);
    }
    return true;
  }

  private async principalOf(context: ExecutionContext): Promise<Principal | TokenPrincipal> {
    if (context.getType() !== 'ws') return this.principalOfRequest(context.switchToHttp().getRequest<Request>());
    const { session } = context.switchToWs().getClient<{ readonly data: SocketData }>().data;
    if (session && session.goodUntil > performance.now()) return this.principalOfSession(session);
    throw new ChatError('unauthenticated', 'The access token has expired.');
  }

  /** Reads the token from the header only (RFC 6750), so that tokens never are in URLs. */
  private principalOfRequest({ headers }: Request): Promise<Principal | TokenPrincipal> {
    const [, token] = /^Bearer +([\w.~+/-]+=*)$/i.exec(headers.authorization ?? '') ?? [];
    if (token === undefined) throw new ChatError('unauthenticated', 'A bearer token is needed.');
    return isPersonal(token) ? this.tokenPrincipals.load(token) : this.principalOfSession(this.tokens.verify(token));
  }

  private principalOfSession({ userId, sessionId }: TokenClaims): Promise<Principal> {
    return this.principals.load(userId, sessionId);
  }
}

interface Refusal {
  /** For the audit. */
  readonly reason: 'role' | 'token';
  readonly sentence: string;
}

/** Why a caller may not call a handler; without `scopes` it takes no personal access token. */
function refusalOf(
  principal: Principal | TokenPrincipal,
  roles: readonly Role[],
  scopes: readonly TokenScope[] | undefined,
): Refusal | undefined {
  if (!roles.includes(principal.role)) return { reason: 'role', sentence: 'Your role does not allow this.' };
  if (!('tokenId' in principal)) return undefined;
  if (!scopes) return { reason: 'token', sentence: 'Personal access tokens are not accepted here.' };
  if (scopes.some((scope) => principal.scopes.includes(scope))) return undefined;
  return { reason: 'token', sentence: `The access token needs the scope ${scopes.join(' or ')}.` };
}

const MAX_ACT = 200;

/** The name of an attempt for the audit: `PATCH /api/admin/users/…`, or the command of a socket. */
function nameOf(context: ExecutionContext): string {
  if (context.getType() === 'ws') return context.switchToWs().getPattern();
  const { method, path } = context.switchToHttp().getRequest<Request>();
  return `${method} ${path}`.slice(0, MAX_ACT);
}
