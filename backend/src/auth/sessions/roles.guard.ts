import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { ChatError, type Role } from '../../protocol/index.js';
import { carrierOf, setPrincipal } from '../../common/handlers/principal.js';
import { DEFAULT_ROLES, IS_PUBLIC, ROLES_ALLOWED } from '../../common/handlers/roles.decorator.js';
import { RefusedAttempts } from '../../users/admin/refused-attempts.js';
import { AccessTokens, type TokenClaims } from './access-tokens.js';
import { Principals } from './principals.js';

/** The data that the handshake stores in `socket.data`; updated when the page sends a new token. */
export interface SocketData {
  readonly session?: TokenClaims;
}

/**
 * Authorises requests and socket events. The token only identifies the session; the role of its user is read from the
 * current rows every time (`A1`).
 *
 * @throws ChatError `unauthenticated` without a valid session, `forbidden` for the wrong role
 */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: AccessTokens,
    private readonly principals: Principals,
    private readonly refused: RefusedAttempts,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(IS_PUBLIC, targets)) return true;
    const { userId, sessionId } = this.claimsOf(context);
    const principal = await this.principals.load(userId, sessionId);
    const said = this.reflector.getAllAndOverride<readonly Role[] | undefined>(ROLES_ALLOWED, targets);
    const allowed = said ?? DEFAULT_ROLES;
    if (!allowed.includes(principal.role)) {
      if (allowed.every((role) => role === 'admin')) {
        const detail = { reason: 'role', role: principal.role, act: nameOf(context) };
        await this.refused.record({ action: 'admin.refused', actorId: userId, detail });
      }
      throw new ChatError('forbidden', 'Your role does not allow this.');
    }
    setPrincipal(carrierOf(context), principal);
    return true;
  }

  private claimsOf(context: ExecutionContext): TokenClaims {
    if (context.getType() !== 'ws') return this.claimsOfRequest(context.switchToHttp().getRequest<Request>());
    const { session } = context.switchToWs().getClient<{ readonly data: SocketData }>().data;
    if (session && session.goodUntil > performance.now()) return session;
    throw new ChatError('unauthenticated', 'The access token has expired.');
  }

  /** Reads the token from the header only (RFC 6750), so that tokens never are in URLs. */
  private claimsOfRequest({ headers }: Request): TokenClaims {
    const [, token] = /^Bearer +([\w.~+/-]+=*)$/i.exec(headers.authorization ?? '') ?? [];
    if (token === undefined) throw new ChatError('unauthenticated', 'A bearer token is needed.');
    return this.tokens.verify(token);
  }
}

const MAX_ACT = 200;

/** The name of an attempt for the audit: `PATCH /api/admin/users/…`, or the command of a socket. */
function nameOf(context: ExecutionContext): string {
  if (context.getType() === 'ws') return context.switchToWs().getPattern();
  const { method, path } = context.switchToHttp().getRequest<Request>();
  return `${method} ${path}`.slice(0, MAX_ACT);
}
