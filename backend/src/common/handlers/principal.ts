import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Role, TokenScope } from '../../protocol/index.js';

/** Who makes a request or event, by whatever means: the user and their role, read from the current rows (`A1`). */
export interface Caller {
  readonly userId: string;
  readonly role: Role;
}

/** A signed-in browser. */
export interface Principal extends Caller {
  readonly sessionId: string;
}

/** A program with a personal access token. Only handlers with `@TokenScopes` are called by it. */
export interface TokenPrincipal extends Caller {
  readonly tokenId: string;
  readonly scopes: readonly TokenScope[];
}

const callers = new WeakMap<object, Principal | TokenPrincipal>();

/** The object that the principal of a context is stored for: the HTTP request or the socket. */
export function carrierOf(context: ExecutionContext): object {
  return context.getType() === 'ws'
    ? context.switchToWs().getClient<object>()
    : context.switchToHttp().getRequest<object>();
}

/** Stores the principal; only the guard calls this, before the handler. */
export const setPrincipal = (carrier: object, principal: Principal | TokenPrincipal): void =>
  void callers.set(carrier, principal);

/** Parameter decorator for the principal of the request or event, which is a session. */
export const CurrentPrincipal = createParamDecorator((_data: unknown, context: ExecutionContext): Principal =>
  principalOf(carrierOf(context)),
);

/** Parameter decorator of handlers with `@TokenScopes`: the caller, a session or a personal access token. */
export const CurrentCaller = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Principal | TokenPrincipal => callerOf(carrierOf(context)),
);

/** The caller of a request or socket; `undefined` in a public handler. */
export const findCaller = (carrier: object): Principal | TokenPrincipal | undefined => callers.get(carrier);

/** The caller of a request or socket. @throws Error in a public handler */
function callerOf(carrier: object): Principal | TokenPrincipal {
  const caller = findCaller(carrier);
  if (!caller) throw new Error('A public handler has no principal');
  return caller;
}

/** The session of a request or socket. @throws Error in a public handler, and in one that a token has called */
function principalOf(carrier: object): Principal {
  const caller = callerOf(carrier);
  if ('tokenId' in caller) throw new Error('A handler with @TokenScopes must use CurrentCaller');
  return caller;
}
